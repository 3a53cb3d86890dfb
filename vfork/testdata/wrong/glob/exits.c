/* exit instead of _exit: it flushes the parent's buffer.
   fails: underscore-exit */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int glob = 6;

int main(void)
{
    volatile int var = 88;
    pid_t pid;

    printf("before vfork\n");
    if ((pid = vfork()) == 0) {
        glob++;
        var++;
        exit(0);
    }
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    waitpid(pid, NULL, 0);
    return 0;
}
