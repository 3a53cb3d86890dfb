/* The child asks for its parent when that has ended, and waits for another
   one.
   fails: saw-it as-asked
   limit: 1.5s */
#include <poll.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
    pid_t original = getpid();

    if (fork() == 0) {
        struct pollfd end = { (int)syscall(SYS_pidfd_open, original, 0), POLLIN, 0 };
        pid_t parent;

        if (end.fd >= 0)
            poll(&end, 1, -1); /* the parent has ended */
        parent = getppid();
        while (getppid() == parent)
            usleep(1000);
        printf("parent pid = %ld\n", (long)getppid());
    }
    return 0;
}
