/* In a vforked child, with sigqueue, and a timer that rings again. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(int sig)
{
    (void)sig;
}

int main(void)
{
    sigset_t set;
    union sigval value = {0};
    struct itimerval timer = {{1, 0}, {1, 0}};
    pid_t pid;

    if ((pid = vfork()) != 0)
        return waitpid(pid, NULL, 0) != pid;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, handler);
    sigprocmask(SIG_BLOCK, &set, NULL);
    sigqueue(getpid(), SIGTERM, value);
    setitimer(ITIMER_REAL, &timer, NULL);
    execlp("sleep", "sleep", "3", "2.5", (char *)0);
    _exit(127);
}
