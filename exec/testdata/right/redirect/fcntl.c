/* F_DUPFD gives the lowest number, which is 1. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t pid = fork();
    int fd;

    if (pid == 0) {
        fd = open("out.txt", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                  0666);
        close(1);
        if (fcntl(fd, F_DUPFD, 1) != 1)
            _exit(1);
        execl("/bin/sh", "sh", "-c", "echo one; echo two",
              (char *)NULL);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    printf("done\n");
    return 0;
}
