/* One variable more in the second program.
   fails: inherited */
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
    char *ev[] = {"USER=unknown","PATH=/tmp", 0};
    pid_t p;
    if (!(p = fork())) {
        execle("/bin/echo","echoall","myarg1","MY ARG2", (char*)0, ev);
        _exit(127);
    }
    waitpid(p, 0, 0);
    if (!(p = fork())) {
        setenv("STAGE","two", 1);
        execlp("echo","echoall","only 1 arg", (char*)0);
        _exit(127);
    }
    waitpid(p, 0, 0);
    return 0;
}
