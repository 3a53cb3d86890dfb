/* Makes the three first, and then waits for them in turn.
   fails: as-asked */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void pr_exit(int st)
{
    if (WIFEXITED(st))
        printf("normal termination, exit status = %d\n", WEXITSTATUS(st));
    else if (WIFSIGNALED(st))
        printf("abnormal termination, signal number = %d%s\n",
               WTERMSIG(st),
               WCOREDUMP(st) ? " (core file generated)" : "");
    fflush(stdout);
}

static int gate[2];

static pid_t child(int how)
{
    pid_t pid = fork();
    char c;

    if (pid == 0) {
        close(gate[1]);
        if (read(gate[0], &c, 1) != 0)
            _exit(1);
        if (how == 7)
            _exit(7);
        raise(how);
    }
    return pid;
}

int main(void)
{
    int st;
    pid_t pid[3];

    if (pipe(gate) < 0)
        return 1;
    pid[0] = child(7);
    pid[1] = child(SIGABRT);
    pid[2] = child(SIGFPE);
    close(gate[1]);
    for (int i = 0; i < 3; i++) {
        waitpid(pid[i], &st, 0);
        pr_exit(st);
    }
    return 0;
}
