/* The child of the failed exec does not end: it runs on into its parent's
   code.
   fails: said-right failed */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void start(const char *path)
{
    int fd[2], err = 0;
    pid_t pid;

    if (pipe2(fd, O_CLOEXEC) < 0)
        return;
    if ((pid = fork()) == 0) {
        close(fd[0]);
        execl(path, path, "1", (char *)0);
        err = errno;
        if (write(fd[1], &err, sizeof err) < 0)
            return;
    }
    close(fd[1]);
    if (read(fd[0], &err, sizeof err) > 0)
        printf("exec failed: errno = %d\n", err);
    else
        printf("exec worked\n");
    fflush(stdout);
    waitpid(pid, NULL, 0);
}

int main(void)
{
    start("./nothing");
    start("/bin/sleep");
    return 0;
}
