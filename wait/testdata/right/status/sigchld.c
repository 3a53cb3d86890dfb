/* The parent sleeps until SIGCHLD says that there is something to
   collect; wait3 collects it. */
#define _DEFAULT_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t came;

static void note(int sig)
{
    (void)sig;
    came = 1;
}

static void die(int how)
{
    switch (how) {
    case 0:
        exit(7);
    case 1:
        abort();
    default:
        signal(SIGFPE, SIG_DFL);
        raise(SIGFPE);
    }
}

int main(void)
{
    sigset_t chld, old;

    signal(SIGCHLD, note);
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, &old);
    for (int how = 0; how < 3; how++) {
        struct rusage usage;
        int st;

        came = 0;
        if (fork() == 0)
            die(how);
        while (!came)
            sigsuspend(&old);
        if (wait3(&st, WNOHANG, &usage) <= 0)
            return 1;
        if (WIFEXITED(st))
            printf("normal termination, exit status = %d\n",
                   WEXITSTATUS(st));
        else
            printf("abnormal termination, signal number = %d%s\n",
                   WTERMSIG(st),
                   WCOREDUMP(st) ? " (core file generated)" : "");
        fflush(stdout);
    }
    return 0;
}
