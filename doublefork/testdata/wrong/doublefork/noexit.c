/* The first child has no exit, and falls into the original's code.
   fails: first-reaped adopted saw-it as-asked */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t pid;

    if ((pid = fork()) == 0) {
        if ((pid = fork()) == 0) {
            usleep(100000);
            printf("second child, parent pid = %d\n", getppid());
            exit(0);
        }
    }
    waitpid(pid, NULL, 0);
    return 0;
}
