/* The new program ends before the alarm rings.
   fails: alarm-rings */
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

static void on(int s)
{
    (void)s;
}

int main(void)
{
    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, on);
    sigset_t m;
    sigemptyset(&m);
    sigaddset(&m, SIGTERM);
    sigprocmask(SIG_BLOCK, &m, 0);
    raise(SIGTERM);
    alarm(1);
    execlp("true", "true", (char *)0);
    return 127;
}
