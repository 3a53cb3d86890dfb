/* In a child, with sigaction and setitimer. */
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
        struct sigaction act = { .sa_handler = SIG_IGN };
        struct itimerval it = { .it_value = { .tv_sec = 1 } };

        sigaction(SIGUSR1, &act, NULL);
        act.sa_handler = handler;
        sigaction(SIGUSR2, &act, NULL);
        sigprocmask(SIG_BLOCK, &set, NULL);
        raise(SIGTERM);
        setitimer(ITIMER_REAL, &it, NULL);
        execl("/bin/sleep", "sleep", "5", (char *)0);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
