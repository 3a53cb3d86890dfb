/* Both descriptors have the flag.
   fails: flags closed kept parents */
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
    int a = open("data.txt", O_CREAT|O_RDWR|O_CLOEXEC, 0600), b = open("data.txt", O_RDWR|O_CLOEXEC);
    pid_t p = fork();
    if (!p) {
        execlp("true","true", (char*)0);
        _exit(127);
    }
    waitpid(p, 0, 0);
    return a+b < 0;
}
