/* The parent kills the second child: it does not abort.
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

int main(void)
{
    int st;
    pid_t pid;

    if (fork() == 0)
        exit(7);
    wait(&st);
    pr_exit(st);
    if ((pid = fork()) == 0)
        for (;;)
            pause();
    kill(pid, SIGABRT);
    wait(&st);
    pr_exit(st);
    if (fork() == 0)
        raise(SIGFPE);
    wait(&st);
    pr_exit(st);
    return 0;
}
