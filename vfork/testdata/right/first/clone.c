/* clone with a stack of the child's own; writev; one level down. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static char stack[65536] __attribute__((aligned(16)));

static int child(void *unused)
{
    struct iovec v[2] = { { "chi", 3 }, { "ld\n", 3 } };

    (void)unused;
    if (writev(1, v, 2) != 6)
        _exit(1);
    usleep(210000);
    _exit(0);
}

int main(void)
{
    if (fork() == 0) {
        if (clone(child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL) < 0)
            _exit(1);
        if (write(1, "parent\n", 7) != 7)
            _exit(1);
        wait(NULL);
        _exit(0);
    }
    wait(NULL);
    return 0;
}
