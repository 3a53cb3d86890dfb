/* The parent sends SIGTERM to the child.
   fails: as-asked */
#define _GNU_SOURCE
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

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, handler);
    sigprocmask(SIG_BLOCK, &set, NULL);
    if ((pid = fork()) > 0) {
        kill(pid, SIGTERM);
        wait(NULL);
        return 0;
    }
    do
        sigpending(&set);
    while (!sigismember(&set, SIGTERM));
    alarm(1);
    execlp("sleep", "sleep", "5", (char *)0);
    return 127;
}
