/* errno is that of a later call when it is saved.
   fails: said-right */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int fd[2];

int main(void)
{
    int err, i;
    ssize_t n;
    pid_t pid;

    for (i = 0; i < 2; i++) {
        if (pipe2(fd, O_CLOEXEC) < 0)
            return 1;
        if ((pid = fork()) == 0) {
            close(fd[0]);
            if (i == 0)
                execl("./nothing", "nothing", (char *)0);
            else
                execl("/bin/sleep", "sleep", "1", (char *)0);
            close(fd[0]);
            err = errno;
            if (write(fd[1], &err, sizeof err) < 0)
                _exit(1);
            _exit(127);
        }
        close(fd[1]);
        n = read(fd[0], &err, sizeof err);
        if (n > 0)
            printf("exec failed: errno = %d\n", err);
        else
            printf("exec worked\n");
        fflush(stdout);
        close(fd[0]);
        waitpid(pid, NULL, 0);
    }
    return 0;
}
