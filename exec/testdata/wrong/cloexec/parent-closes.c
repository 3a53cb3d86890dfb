/* The parent closes both right after the fork.
   fails: parents */
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

    int go[2];
    char byte;

    if (pipe2(go, O_CLOEXEC) < 0)
        return 1;
    a = open("data.txt", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    b = open("data.txt", O_RDWR);
    if ((pid = fork()) == 0) {
        close(go[1]);
        if (read(go[0], &byte, 1) != 0)
            _exit(1);
        execl("/bin/true", "true", (char *)0);
        _exit(127);
    }
    close(a);
    close(b);
    close(go[1]);
    waitpid(pid, NULL, 0);
    (void)a;
    (void)b;
    return 0;
}
