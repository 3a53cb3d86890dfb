/* system instead of exec: its child catches nothing, and the alarm stays with
   the parent.
   fails: alarm-rings pending-stays caught-resets */
#include <signal.h>
#include <stdlib.h>
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
    return system("sleep 5");
}
