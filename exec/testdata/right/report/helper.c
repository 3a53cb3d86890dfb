/* A helper process executes a program first; the children are made by vfork. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void start(const char *file)
{
    volatile int err = 0;
    int fd[2], n;
    pid_t pid;

    if (pipe2(fd, O_CLOEXEC) < 0)
        exit(1);
    if ((pid = vfork()) == 0) {
        execlp(file, file, "1", (char *)0);
        err = errno;
        if (write(fd[1], (void *)&err, sizeof err) < 0)
            _exit(1);
        _exit(127);
    }
    close(fd[1]);
    if (read(fd[0], &n, sizeof n) > 0)
        dprintf(1, "exec failed: errno = %d (%s)\n", n, strerror(n));
    else
        dprintf(1, "exec worked\n");
    close(fd[0]);
    waitpid(pid, NULL, 0);
}

int main(void)
{
    if (system("true") != 0)
        return 1;
    start("./nothing");
    start("sleep");
    return 0;
}
