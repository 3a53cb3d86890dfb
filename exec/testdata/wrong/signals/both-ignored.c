/* SIGUSR2 is ignored instead of caught.
   fails: caught-resets */
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

static void handler(int sig)
{
    (void)sig;
}

int main(void)
{
    sigset_t set;
    pid_t pid;

    (void)handler;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    if ((pid = fork()) == 0) {
        signal(SIGUSR1, SIG_IGN);
        signal(SIGUSR2, SIG_IGN);
        sigprocmask(SIG_BLOCK, &set, NULL);
        kill(getpid(), SIGTERM);
        alarm(1);
        execlp("sleep", "sleep", "5", (char *)0);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
