/* The variable is 5, and two are added.
   fails: by-the-child */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int glob = 5;

int main(void)
{
    volatile int var = 88;
    pid_t pid;

    if ((pid = vfork()) == 0) {
        glob += 2;
        var++;
        _exit(0);
    }
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    waitpid(pid, NULL, 0);
    return 0;
}
