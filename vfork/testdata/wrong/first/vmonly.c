/* clone with CLONE_VM but not CLONE_VFORK.
   fails: vforked child-first suspended as-asked */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static char stack[65536] __attribute__((aligned(16)));

static int child(void *unused)
{
    (void)unused;
    usleep(250000);
    return write(1, "child\n", 6) != 6;
}

int main(void)
{
    if (clone(child, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL) < 0)
        return 1;
    if (write(1, "parent\n", 7) != 7)
        return 1;
    wait(NULL);
    return 0;
}
