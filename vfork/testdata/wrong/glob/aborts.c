/* The child kills itself instead of _exit.
   fails: underscore-exit */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int glob = 6;

int main(void)
{
    volatile int var = 88;
    pid_t pid;

    if ((pid = vfork()) == 0) {
        glob++;
        var++;
        raise(SIGKILL);
    }
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    waitpid(pid, NULL, 0);
    return 0;
}
