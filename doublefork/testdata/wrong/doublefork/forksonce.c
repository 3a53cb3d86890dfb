/* Forks once only: the child is the original's own, and says so.
   fails: two-forks first-reaped adopted saw-it no-zombie as-asked */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        usleep(100000);
        printf("second child, parent pid = %d\n", getppid());
        exit(0);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
