/* The file has another name than the task says.
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
    int a = open("other.txt", O_CREAT|O_RDWR, 0600), b = open("other.txt", O_RDWR|O_CLOEXEC);
    pid_t p = fork();
    if (!p) {
        execlp("true","true", (char*)0);
        _exit(127);
    }
    waitpid(p, 0, 0);
    return a+b < 0;
}
