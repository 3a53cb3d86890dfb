/* The parent collects the child in a handler of SIGCHLD. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int glob = 6;
static volatile sig_atomic_t collected;

static void collect(int sig)
{
    int old = errno;

    (void)sig;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        collected = 1;
    errno = old;
}

int main(void)
{
    volatile int var = 88;
    struct sigaction sa = { .sa_handler = collect };

    sigaction(SIGCHLD, &sa, NULL);
    if (vfork() == 0) {
        glob++;
        var++;
        _exit(0);
    }
    while (!collected)
        usleep(1000);
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    return 0;
}
