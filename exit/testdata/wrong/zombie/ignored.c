/* SIGCHLD is ignored: nothing is kept, there is nothing to wait for.
   fails: was-zombie as-asked */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int status;

    signal(SIGCHLD, SIG_IGN);
    if (fork() == 0)
        _exit(3);
    usleep(200000);
    if (wait(&status) < 0)
        perror("wait");
    return 0;
}
