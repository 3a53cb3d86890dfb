/* The child ends with exit, which runs the parent's exit handler: it
   writes to standard error.
   fails: underscore-exit */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int glob = 6;

static void bye(void)
{
    fputs("bye\n", stderr);
}

int main(void)
{
    volatile int var = 88;
    pid_t pid;

    atexit(bye);
    if ((pid = vfork()) == 0) {
        glob++;
        var++;
        exit(0);
    }
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    return waitpid(pid, NULL, 0) != pid;
}
