/* dup, and parent and child set the flag each for itself. */
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
    int a = open("data.txt", O_CREAT|O_RDWR, 0600), b = dup(a);
    pid_t p = fork();
    if (p == 0) {
        int f = fcntl(b, F_GETFD);
        fcntl(b, F_SETFD, f|FD_CLOEXEC);
        execlp("true","true", (char*)0);
        _exit(127);
    }
    fcntl(b, F_SETFD, FD_CLOEXEC);
    while (waitpid(p, 0, 0)<0);
    close(b);
    close(a);
    return 0;
}
