/* Asks once, with WNOHANG, while the child runs: the status is still 0.
   fails: collected said-right */
#define _DEFAULT_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void pr_exit(int status)
{
    if (WIFEXITED(status))
        printf("normal termination, exit status = %d\n", WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        printf("abnormal termination, signal number = %d%s\n", WTERMSIG(status),
               WCOREDUMP(status) ? " (core file generated)" : "");
}

int main(void)
{
    int status = 0, end[2];

    for (int i = 0; i < 3; i++) {
        fflush(stdout);
        if (pipe(end) < 0)
            return 1;
        pid_t pid = fork();
        if (pid == 0) {
            close(end[1]);
            if (read(end[0], &i, 1) != 0) /* until the parent has asked */
                _exit(9);
            if (i == 0)
                exit(7);
            if (i == 1)
                abort();
            raise(SIGFPE);
        }
        waitpid(pid, &status, WNOHANG);
        pr_exit(status);
        close(end[1]);
        close(end[0]);
        waitid(P_PID, pid, &(siginfo_t){0}, WEXITED | WNOWAIT);
    }
    return 0;
}
