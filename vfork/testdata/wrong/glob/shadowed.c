/* The child adds one to variables of its own that have the same names.
   fails: shared by-the-child */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int glob = 6;

int main(void)
{
    int var = 88;
    pid_t pid;

    printf("before vfork\n");
    if ((pid = vfork()) == 0) {
        volatile int glob = 6, var = 88;

        glob++;
        var++;
        _exit(0);
    }
    printf("pid = %ld, glob = %d, var = %d\n", (long)getpid(), glob, var);
    return pid < 0;
}
