/* Prints fixed texts after each wait, and never looks at the status.
   fails: said-right */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int s;

    if (fork() == 0)
        exit(7);
    wait(&s);
    puts("normal termination, exit status = 7");
    fflush(stdout);
    if (fork() == 0)
        abort();
    wait(&s);
    puts("abnormal termination, signal number = 6");
    fflush(stdout);
    if (fork() == 0)
        raise(SIGFPE);
    wait(&s);
    puts("abnormal termination, signal number = 8");
    return 0;
}
