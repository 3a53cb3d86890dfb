/* open without O_CREAT: there is no such file.
   fails: between to-the-file closed-the-other */
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
        int fd = open("out.txt", O_WRONLY | O_TRUNC);

        dup2(fd, 1);
        close(fd);
        execlp("echo", "echo", "a line", (char *)0);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    printf("the parent has reaped its child\n");
    return 0;
}
