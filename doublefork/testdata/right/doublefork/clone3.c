/* clone3 instead of fork, an eventfd instead of a pipe.
   flags: -O2 */
#define _GNU_SOURCE
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t clone3(void)
{
    struct clone_args a = { .exit_signal = SIGCHLD };

    return syscall(SYS_clone3, &a, sizeof a);
}

int main(void)
{
    int e = eventfd(0, 0);
    uint64_t n = 1;
    pid_t first = clone3();

    if (first == 0) {
        if (clone3() == 0) {
            if (read(e, &n, sizeof n) != sizeof n)
                _exit(1);
            dprintf(STDOUT_FILENO, "second child, parent pid = %ld\n",
                    (long)syscall(SYS_getppid));
        }
        _exit(0);
    }
    if (wait4(first, NULL, __WALL, NULL) != first)
        return 1;
    return write(e, &n, sizeof n) != sizeof n;
}
