/* sigaction with flags and setitimer, in a child. */
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static void on(int s)
{
    (void)s;
}

int main(void)
{
    pid_t p = fork();
    if (!p) {
        struct sigaction a = {.sa_handler = SIG_IGN};
        sigaction(SIGUSR1, &a, 0);
        a.sa_handler = on;
        a.sa_flags = SA_RESTART;
        sigaction(SIGUSR2, &a, 0);
        sigset_t m;
        sigemptyset(&m);
        sigaddset(&m, SIGTERM);
        sigprocmask(SIG_BLOCK, &m, 0);
        raise(SIGTERM);
        struct itimerval t = {.it_value = {1, 0}};
        setitimer(ITIMER_REAL, &t, 0);
        execl("/bin/sleep","sleep","6", (char*)0);
        _exit(127);
    }
    waitpid(p, 0, 0);
    return 0;
}
