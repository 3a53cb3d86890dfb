/* The kernel sends the child a signal when its parent ends
   (PR_SET_PDEATHSIG). */
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(void)
{
    pid_t old = getpid();
    sigset_t set;
    int sig;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGUSR1);
        if (getppid() == old)
            sigwait(&set, &sig);
        dprintf(1, "parent pid = %d\n", (int)getppid());
    }
    _exit(0);
}
