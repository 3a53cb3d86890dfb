/* Waits for the end of its parent on a pidfd, and then for the adoption. */
#define _GNU_SOURCE
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
    pid_t parent = getpid();

    if (fork() == 0) {
        struct pollfd p = {syscall(SYS_pidfd_open, parent, 0), POLLIN, 0};
        if (p.fd >= 0)
            poll(&p, 1, -1);
        while (getppid() == parent)
            sched_yield();
        printf("parent pid = %d\n", (int)getppid());
    }
    return 0;
}
