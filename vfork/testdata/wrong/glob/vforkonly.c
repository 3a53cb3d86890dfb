/* clone with CLONE_VFORK but not CLONE_VM: the child changes a copy.
   fails: vforked shared by-the-child underscore-exit as-asked */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int glob = 6;
static char stack[65536] __attribute__((aligned(16)));

static int child(void *var)
{
    glob++;
    ++*(int *)var;
    return 0;
}

int main(void)
{
    int var = 88;
    pid_t pid = clone(child, stack + sizeof stack, CLONE_VFORK | SIGCHLD, &var);

    waitpid(pid, NULL, 0);
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    return 0;
}
