/* Prints the word as it is: 7 is in its second byte.
   fails: said-right */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void pr_exit(int st)
{
    if (WIFSIGNALED(st))
        printf("abnormal termination, signal number = %d\n", st);
    else
        printf("normal termination, exit status = %d\n", st);
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
        abort();
    wait(&st);
    pr_exit(st);
    if (fork() == 0)
        raise(SIGFPE);
    wait(&st);
    pr_exit(st);
    return 0;
}
