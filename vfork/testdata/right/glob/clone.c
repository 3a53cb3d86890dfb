/* clone with a stack of the child's own. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int glob = 6;

static int child(void *arg)
{
    int *var = arg;

    glob += 1;
    *var += 1;
    return 0; /* clone calls _exit with it */
}

int main(void)
{
    int var = 88;
    size_t size = 1 << 16;
    char *stack = malloc(size);
    pid_t pid = clone(child, stack + size, CLONE_VM | CLONE_VFORK | SIGCHLD, &var);

    if (pid < 0)
        return 1;
    printf("pid = %ld, glob = %d, var = %d\n", (long)getpid(), glob, var);
    return waitpid(pid, NULL, 0) == pid ? 0 : 1;
}
