/* There is no data.txt, and open without O_CREAT makes none.
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

    a = open("data.txt", O_RDWR | O_CLOEXEC);
    b = open("data.txt", O_RDWR);
    if ((pid = fork()) == 0) {
        execl("/bin/true", "true", (char *)0);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    (void)a;
    (void)b;
    return 0;
}
