/* The child sends one byte, the parent reads an int.
   fails: said-right */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void start(const char *path)
{
    int fd[2], err = -1;
    pid_t pid;

    if (pipe2(fd, O_CLOEXEC) < 0)
        return;
    if ((pid = fork()) == 0) {
        execl(path, path, "0.3", (char *)0);
        unsigned char byte = errno;
        if (write(fd[1], &byte, 1) < 0)
            _exit(1);
        _exit(127);
    }
    close(fd[1]);
    if (read(fd[0], &err, sizeof err) > 0)
        printf("exec failed: errno = %d\n", err);
    else
        printf("exec worked\n");
    fflush(stdout);
    close(fd[0]);
    waitpid(pid, NULL, 0);
}

int main(void)
{
    start("./nothing");
    start("/bin/sleep");
    return 0;
}
