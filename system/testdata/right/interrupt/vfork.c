/* vfork, and waitid in a loop. */
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

static int mine(const char *cmd)
{
    struct sigaction ign = {.sa_handler = SIG_IGN}, i, q;
    sigset_t b, o;
    sigemptyset(&ign.sa_mask);
    sigemptyset(&b);
    sigaddset(&b, SIGCHLD);
    sigaction(SIGINT, &ign, &i);
    sigaction(SIGQUIT, &ign, &q);
    sigprocmask(SIG_BLOCK, &b, &o);
    pid_t p = vfork();
    if (!p) {
        sigaction(SIGINT, &i, 0);
        sigaction(SIGQUIT, &q, 0);
        sigprocmask(SIG_SETMASK, &o, 0);
        execl("/bin/sh","sh","-c", cmd, (char*)0);
        _exit(127);
    }
    int s = -1;
    siginfo_t x;
    while (waitid(P_PID, p, &x, WEXITED)==-1 && errno == EINTR);
    s = x.si_status;
    sigaction(SIGINT, &i, 0);
    sigaction(SIGQUIT, &q, 0);
    sigprocmask(SIG_SETMASK, &o, 0);
    return s;
}

int main(void)
{
    st = mine("sleep 0.5; exit 3");
    puts("finished");
    return st != 3;
}
