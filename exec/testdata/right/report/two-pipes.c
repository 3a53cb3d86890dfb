/* Both children first, a pipe for each, then both answers. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int fd[2][2], err, i;
    pid_t pid[2];

    for (i = 0; i < 2; i++) {
        if (pipe2(fd[i], O_CLOEXEC) < 0)
            return 1;
        if ((pid[i] = fork()) == 0) {
            if (i == 0)
                execl("./nothing", "nothing", (char *)0);
            else
                execl("/bin/sleep", "sleep", "1", (char *)0);
            err = errno;
            if (write(fd[i][1], &err, sizeof err) < 0)
                _exit(1);
            _exit(127);
        }
        close(fd[i][1]);
    }
    for (i = 0; i < 2; i++) {
        if (read(fd[i][0], &err, sizeof err) > 0)
            printf("exec failed: errno = %d (%s)\n", err, strerror(err));
        else
            printf("exec worked\n");
        fflush(stdout);
    }
    while (wait(NULL) > 0)
        ;
    return 0;
}
