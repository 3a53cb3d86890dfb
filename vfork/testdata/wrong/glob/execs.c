/* The child executes a program at the end.
   fails: vforked shared by-the-child underscore-exit as-asked */
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
        execl("/bin/sh", "sh", "-c", ":", (char *)NULL);
        _exit(0);
    }
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    waitpid(pid, NULL, 0);
    return 0;
}
