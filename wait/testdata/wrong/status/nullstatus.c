/* Waits with NULL and prints what it expects.
   fails: collected said-right */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    if (fork() == 0)
        exit(7);
    wait(NULL);
    printf("normal termination, exit status = 7\n");
    fflush(stdout);
    if (fork() == 0) {
        prctl(PR_SET_DUMPABLE, 0);
        abort();
    }
    wait(NULL);
    printf("abnormal termination, signal number = 6\n");
    fflush(stdout);
    if (fork() == 0) {
        prctl(PR_SET_DUMPABLE, 0);
        raise(SIGFPE);
    }
    wait(NULL);
    printf("abnormal termination, signal number = 8\n");
    return 0;
}
