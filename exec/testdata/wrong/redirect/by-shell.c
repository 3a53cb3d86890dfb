/* Leaves the file to a shell.
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
        execl("/bin/sh", "sh", "-c", "date > out.txt", (char *)0);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    printf("the parent has reaped its child\n");
    return 0;
}
