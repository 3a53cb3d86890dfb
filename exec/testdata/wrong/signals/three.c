/* An alarm for 3 s.
   fails: as-asked */
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
    alarm(3);
    execlp("sleep", "sleep", "5", (char *)0);
    return 127;
}
