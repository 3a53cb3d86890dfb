/* The flag of open instead of that of F_SETFD.
   fails: closed flags kept parents */
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
    int a, b;
    pid_t pid;

    a = open("data.txt", O_RDWR | O_CREAT, 0644);
    b = open("data.txt", O_RDWR);
    fcntl(a, F_SETFD, O_CLOEXEC);
    if ((pid = fork()) == 0) {
        execl("/bin/true", "true", (char *)0);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    (void)a;
    (void)b;
    return 0;
}
