/* The new program is a shell that ignores SIGALRM.
   fails: alarm-rings */
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

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    if ((pid = fork()) == 0) {
        signal(SIGUSR1, SIG_IGN);
        signal(SIGUSR2, handler);
        sigprocmask(SIG_BLOCK, &set, NULL);
        kill(getpid(), SIGTERM);
        alarm(1);
        execl("/bin/sh", "sh", "-c", "trap '' ALRM; sleep 2", (char *)0);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
