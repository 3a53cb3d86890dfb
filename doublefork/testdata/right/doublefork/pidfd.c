/* The second child waits for the end of the first with a pidfd.
   flags: -O2 */
#define _GNU_SOURCE
#include <poll.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t first = fork();

    if (first == 0) {
        struct pollfd p = {
            .fd = syscall(SYS_pidfd_open, getpid(), 0),
            .events = POLLIN
        };
        if (fork() == 0) {
            while (poll(&p, 1, -1) != 1)
                ;
            printf("second child, parent pid = %d\n", getppid());
            return 0;
        }
        _exit(0);
    }
    return wait(NULL) == first ? 0 : 1;
}
