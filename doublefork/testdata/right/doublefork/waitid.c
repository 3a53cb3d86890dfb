/* waitid instead of waitpid, a FIFO instead of a pipe. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    siginfo_t info;
    pid_t first;
    char c;

    if (mkfifo("go", 0600) < 0 || (first = fork()) < 0)
        return 1;
    if (first == 0) {
        if (fork() == 0) {
            int fd = open("go", O_RDONLY);
            while (read(fd, &c, 1) == 0)
                usleep(1000);
            dprintf(1, "second child, parent pid = %d\n", getppid());
            _exit(0);
        }
        _exit(0);
    }
    /* Look first, collect then. */
    if (waitid(P_PID, first, &info, WEXITED | WNOWAIT) < 0 ||
        waitid(P_PID, first, &info, WEXITED) < 0)
        return 1;
    int fd = open("go", O_RDWR);
    if (write(fd, "g", 1) != 1)
        return 1;
    usleep(200000); /* the FIFO keeps the byte while it is open */
    return 0;
}
