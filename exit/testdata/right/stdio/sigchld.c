/* The parent sleeps until a signal tells it that a child ended. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t ended;

static void child_ended(int sig) { (void)sig; ended = 1; }
static void handler(void) { fprintf(stdout, "last words\n"); }

static void child(void (*end)(int), sigset_t *old)
{
    ended = 0;
    if (fork() == 0) {
        sigprocmask(SIG_SETMASK, old, NULL);
        atexit(handler);
        fprintf(stdout, "first words\n");
        end(0);
    }
    while (!ended)
        sigsuspend(old);
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
}

int main(void)
{
    struct sigaction act = { .sa_handler = child_ended };
    sigset_t chld, old;

    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, &old);
    sigaction(SIGCHLD, &act, NULL);
    child(exit, &old);
    child(_exit, &old);
    return 0;
}
