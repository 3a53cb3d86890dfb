/* A first vfork whose child does nothing comes before it, and the
   variable is a global one of another file's linkage. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern int glob;
int glob = 6;

int main(void)
{
    volatile int var = 88;
    pid_t pid;

    if ((pid = vfork()) == 0)
        _exit(0);
    waitpid(pid, NULL, 0);
    if ((pid = vfork()) == 0) {
        glob++;
        var++;
        _exit(0);
    }
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    waitpid(pid, NULL, 0);
    return 0;
}
