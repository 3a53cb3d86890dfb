/* A signal tells the child, in a session of its own, that its parent ended. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include <sys/prctl.h>
static volatile sig_atomic_t gone;

static void on(int s)
{
    (void)s;
    gone = 1;
}

int main(void)
{
    pid_t old = getpid();
    struct sigaction a = {.sa_handler = on};
    sigaction(SIGUSR1, &a, 0);
    sigset_t m, o;
    sigemptyset(&m);
    sigaddset(&m, SIGUSR1);
    sigprocmask(SIG_BLOCK, &m, &o);
    if (fork()==0) {
        setsid();
        prctl(PR_SET_PDEATHSIG, SIGUSR1);
        if (getppid()!=old) gone = 1;
        while (!gone) sigsuspend(&o);
        while (getppid()==old) usleep(100);
        printf("child %d starts\nParent PID = %d\n", getpid(), getppid());
        return 0;
    }
    return 0;
}
