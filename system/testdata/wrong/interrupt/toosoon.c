/* Restores all before the wait.
   fails: ignored blocked
   races: the shell may have begun before the caller restores */
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
static int st;

int main(void)
{
    struct sigaction ign = {.sa_handler = SIG_IGN}, i, q;
    sigset_t b, o;
    sigemptyset(&b);
    sigaddset(&b, SIGCHLD);
    sigaction(SIGINT, &ign, &i);
    sigaction(SIGQUIT, &ign, &q);
    sigprocmask(SIG_BLOCK, &b, &o);
    pid_t p = fork();
    if (!p) {
        sigaction(SIGINT, &i, 0);
        sigaction(SIGQUIT, &q, 0);
        sigprocmask(SIG_SETMASK, &o, 0);
        execl("/bin/sh","sh","-c","sleep 0.4", (char*)0);
        _exit(127);
    }
    sigaction(SIGINT, &i, 0);
    sigaction(SIGQUIT, &q, 0);
    sigprocmask(SIG_SETMASK, &o, 0);
    waitpid(p, &st, 0);
    printf("%d\n", st);
    return 0;
}
