/* SIGUSR1 and SIGUSR2 the wrong way round.
   fails: ignored-stays caught-resets */
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
    signal(SIGUSR2, SIG_IGN);
    signal(SIGUSR1, on);
    sigset_t m;
    sigemptyset(&m);
    sigaddset(&m, SIGTERM);
    sigprocmask(SIG_BLOCK, &m, 0);
    raise(SIGTERM);
    alarm(1);
    execlp("sleep","sleep","5", (char*)0);
    return 127;
}
