/* Takes the exit status for the signal and the other way about.
   fails: said-right */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void pr_exit(int st)
{
    if (st & 0xff)
        printf("normal termination, exit status = %d\n", st & 0x7f);
    else
        printf("abnormal termination, signal number = %d\n", st >> 8);
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
