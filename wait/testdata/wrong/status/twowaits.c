/* Forgets to wait for the third child.
   fails: collected said-right */
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
    siginfo_t info;

    if (fork() == 0)
        exit(7);
    wait(&st);
    pr_exit(st);
    if (fork() == 0)
        abort();
    wait(&st);
    pr_exit(st);
    if (fork() == 0)
        raise(SIGFPE);
    waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
    return 0;
}
