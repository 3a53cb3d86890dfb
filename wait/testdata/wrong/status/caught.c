/* A handler for SIGABRT makes a normal end of it.
   fails: three-deaths */
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

static void handler(int sig)
{
    _exit(sig);
}

int main(void)
{
    int st;

    if (fork() == 0)
        exit(7);
    wait(&st);
    pr_exit(st);
    if (fork() == 0)
        signal(SIGABRT, handler), abort();
    wait(&st);
    pr_exit(st);
    if (fork() == 0)
        raise(SIGFPE);
    wait(&st);
    pr_exit(st);
    return 0;
}
