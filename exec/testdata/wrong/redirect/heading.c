/* The child prints a heading into the file before its exec.
   fails: as-asked */
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
        int fd = open("out.txt", O_WRONLY|O_CREAT|O_TRUNC, 0644);
        dup2(fd, 1);
        close(fd);
        printf("child:\n");
        fflush(stdout);
        execlp("echo","echo","x", (char*)0);
        _exit(1);
    }
    waitpid(p, 0, 0);
    printf("done\n");
    return 0;
}
