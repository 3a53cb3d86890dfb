/* Sends SIGTERM before the fork: a child has no pending signals.
   fails: pending-stays */
#include <signal.h>
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

    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, handler);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGTERM);
    if ((pid = fork()) == 0) {
        alarm(1);
        execlp("sleep", "sleep", "5", (char *)0);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
