/* setitimer with it_interval only, which stops the timer.
   fails: alarm-rings */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

static void handler(int sig)
{
    (void)sig;
}

int main(void)
{
    sigset_t set;
    struct itimerval timer = {{1, 0}, {0, 0}};

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, handler);
    sigprocmask(SIG_BLOCK, &set, NULL);
    kill(getpid(), SIGTERM);
    setitimer(ITIMER_REAL, &timer, NULL);
    execlp("sleep", "sleep", "2", (char *)0);
    return 127;
}
