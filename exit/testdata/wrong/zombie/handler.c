/* A handler of SIGCHLD waits at once.
   fails: was-zombie as-asked */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void reap(int sig)
{
    (void)sig;
    wait(NULL);
}

int main(void)
{
    signal(SIGCHLD, reap);
    if (fork() == 0)
        _exit(0);
    sleep(1);
    return system(":") < 0;
}
