/* execl does not search PATH for sleep.
   fails: alarm-rings caught-resets ignored-stays mask-stays pending-stays as-asked */
#include <signal.h>
#include <unistd.h>

static void handler(int sig)
{
    (void)sig;
}

int main(void)
{
    sigset_t set;

    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, handler);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGTERM);
    alarm(1);
    execl("sleep", "sleep", "5", (char *)0);
    return 0;
}
