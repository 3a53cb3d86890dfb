/* Blocks all signals but SIGALRM, and catches with flags. */
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
    write(2,"caught\n", 7);
}

int main(void)
{
    struct sigaction a;
    memset(&a, 0, sizeof a);
    a.sa_handler = on;
    sigfillset(&a.sa_mask);
    a.sa_flags = SA_RESTART|SA_NODEFER;
    sigaction(SIGUSR2, &a, 0);
    signal(SIGUSR1, SIG_IGN);
    sigset_t all;
    sigfillset(&all);
    sigdelset(&all, SIGALRM);
    sigprocmask(SIG_SETMASK, &all, 0);
    kill(getpid(), SIGTERM);
    alarm(1);
    char *av[] = {"sleep","7", 0};
    execv("/bin/sleep", av);
    return 127;
}
