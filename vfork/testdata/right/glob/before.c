/* The parent prints the line before the vfork as well: once at once,
   once into a buffer. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int glob = 6;

int main(void)
{
    volatile int var = 88;
    pid_t pid;

    dprintf(1, "pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    if ((pid = vfork()) < 0)
        return 1;
    if (pid == 0) {
        glob++;
        var++;
        _exit(0);
    }
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    waitpid(pid, NULL, 0);
    return 0;
}
