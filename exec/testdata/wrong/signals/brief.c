/* The new program would run for 2 s only.
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
    alarm(1);
    execlp("sleep", "sleep", "2", (char *)0);
    return 127;
}
