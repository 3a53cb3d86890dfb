/* A handler of SIGCHLD reaps with WNOHANG, as handlers do.
   fails: was-zombie as-asked */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void reap(int sig)
{
    (void)sig;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        continue;
}

int main(void)
{
    signal(SIGCHLD, reap);
    if (fork() == 0)
        _exit(0);
    sleep(1);
    return system(":") < 0;
}
