/* exit instead of _exit, with nothing in the buffer: nobody can see it.
   remark: exit and _exit look alike */
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

    if ((pid = vfork()) == 0) {
        glob++;
        var++;
        exit(0);
    }
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    return waitpid(pid, NULL, 0) != pid;
}
