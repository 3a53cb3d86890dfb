/* The parent's line goes to standard error.
   fails: parent-unchanged */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        int fd = open("out.txt", O_WRONLY | O_CREAT | O_TRUNC, 0644);

        dup2(fd, 1);
        close(fd);
        execlp("date", "date", (char *)0);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    fprintf(stderr, "the parent has reaped its child\n");
    return 0;
}
