/* The parent prints the line before the vfork, and not after it.
   fails: shared */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int glob = 6;

int main(void)
{
    volatile int var = 88;
    pid_t pid;

    dprintf(1, "pid = %d, glob = %d, var = %d\n", (int)getpid(), glob + 1, var + 1);
    if ((pid = vfork()) == 0) {
        glob++;
        var++;
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
