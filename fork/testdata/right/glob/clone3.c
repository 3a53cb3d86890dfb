/* flags: -O2
   The system call itself, one level down, and nobody in step. */
#define _GNU_SOURCE
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int g = 6;

int main(void)
{
    struct clone_args args = { .exit_signal = SIGCHLD };
    struct iovec line = { .iov_base = "first\n", .iov_len = 6 };
    int v = 88;

    if (fork() > 0) { /* the experiment is in the child */
        wait(NULL);
        return 0;
    }
    if (writev(1, &line, 1) != 6)
        return 1;
    printf("second\n");
    if (syscall(SYS_clone3, &args, sizeof args) == 0) {
        g++;
        v++;
    }
    printf("pid = %ld, glob = %d, var = %d\n", syscall(SYS_getpid), g, v);
    return 0;
}
