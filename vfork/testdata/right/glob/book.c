/* As the book has it: a line in the buffer before the vfork. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int glob = 6;

int main(void)
{
    volatile int var = 88;
    pid_t pid;

    printf("before vfork\n");
    if ((pid = vfork()) < 0)
        return 1;
    if (pid == 0) {
        glob++;
        var++;
        _exit(0);
    }
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    return 0;
}
