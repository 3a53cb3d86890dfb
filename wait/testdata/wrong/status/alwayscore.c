/* Prints the suffix after every death by signal.
   fails: said-right */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void pr_exit(int st)
{
    if (WIFEXITED(st))
        printf("normal termination, exit status = %d\n", WEXITSTATUS(st));
    else if (WIFSIGNALED(st))
        printf("abnormal termination, signal number = %d%s\n",
               WTERMSIG(st), " (core file generated)");
    fflush(stdout);
}

int main(void)
{
    int st;

    if (fork() == 0)
        exit(7);
    wait(&st);
    pr_exit(st);
    if (fork() == 0)
        prctl(PR_SET_DUMPABLE, 0), abort();
    wait(&st);
    pr_exit(st);
    if (fork() == 0)
        prctl(PR_SET_DUMPABLE, 0), raise(SIGFPE);
    wait(&st);
    pr_exit(st);
    return 0;
}
