/* The third wait is for the second child again: it fails, and the status of
   the second one is printed twice.
   fails: collected said-right */
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
    fflush(stdout);
}

int main(void)
{
    int status, gate[2];
    char b;
    pid_t pid;

    if ((pid = fork()) == 0)
        exit(7);
    waitpid(pid, &status, 0);
    pr_exit(status);
    if ((pid = fork()) == 0)
        abort();
    waitpid(pid, &status, 0);
    pr_exit(status);
    if (pipe(gate) < 0)
        return 1;
    if (fork() == 0) {
        close(gate[1]);
        if (read(gate[0], &b, 1) == 0) /* when the parent has ended */
            raise(SIGFPE);
    }
    waitpid(pid, &status, 0);
    pr_exit(status);
    return 0;
}
