/* vfork, waitid, and the two strings the other way round. */
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

static void reap(pid_t p)
{
    siginfo_t s;
    while (waitid(P_PID, p, &s, WEXITED));
}

int main(void)
{
    static char *ev[] = {"PATH=/tmp","USER=unknown", 0};
    pid_t p = vfork();
    if (!p) {
        execle("/usr/bin/env","echoall","myarg1","MY ARG2", (char*)0, ev);
        _exit(127);
    }
    reap(p);
    fprintf(stderr,"one\n");
    p = vfork();
    if (!p) {
        execlp("true","echoall","only 1 arg", (char*)0);
        _exit(127);
    }
    reap(p);
    return 0;
}
