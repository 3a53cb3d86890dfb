/* The alarm rings before the exec, in pause.
   fails: alarm-rings */
#define _GNU_SOURCE
#include <signal.h>
#include <unistd.h>

static void handler(int sig)
{
    (void)sig;
}

int main(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, handler);
    sigprocmask(SIG_BLOCK, &set, NULL);
    kill(getpid(), SIGTERM);
    signal(SIGALRM, handler);
    alarm(1);
    pause();
    execlp("sleep", "sleep", "2", (char *)0);
    return 127;
}
