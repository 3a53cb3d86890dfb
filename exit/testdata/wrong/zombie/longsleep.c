/* Sleeps for longer than a run may take.
   limit: 1.5s
   fails: as-asked */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    sleep(60);
    return waitpid(pid, NULL, 0) != pid;
}
