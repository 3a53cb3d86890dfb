/* Ignores SIGALRM as well.
   fails: alarm-rings */
#include <signal.h>
#include <unistd.h>

static void on(int s)
{
    (void)s;
}

int main(void)
{
    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, on);
    signal(SIGALRM, SIG_IGN);
    sigset_t m;
    sigemptyset(&m);
    sigaddset(&m, SIGTERM);
    sigprocmask(SIG_BLOCK, &m, 0);
    kill(getpid(), SIGTERM);
    alarm(1);
    execlp("sleep","sleep","5", (char*)0);
    return 127;
}
