/* The parent sleeps for a second and sends SIGALRM.
   fails: alarm-rings as-asked */
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
        execl("/bin/sleep", "sleep", "5", (char *)0);
        _exit(127);
    }
    sleep(1);
    kill(pid, SIGALRM);
    waitpid(pid, NULL, 0);
    return 0;
}
