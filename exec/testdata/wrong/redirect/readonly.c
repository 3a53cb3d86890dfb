/* Opens the file for reading only.
   fails: to-the-file */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t p = fork();
    if (!p) {
        int fd = open("out.txt", O_RDONLY|O_CREAT, 0644);
        dup2(fd, 1);
        close(fd);
        execlp("echo","echo","x", (char*)0);
        _exit(1);
    }
    waitpid(p, 0, 0);
    printf("done\n");
    return 0;
}
