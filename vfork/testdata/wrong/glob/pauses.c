/* The child waits for a signal before it ends: its parent, which could
   send one, is suspended.
   limit: 1.2s
   fails: shared by-the-child underscore-exit as-asked */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <unistd.h>

int glob = 6;

int main(void)
{
    volatile int var = 88;

    printf("before vfork\n");
    if (vfork() == 0) {
        glob++;
        var++;
        pause();
        _exit(0);
    }
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    return 0;
}
