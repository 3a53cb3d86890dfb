/* The original forks both children: they are siblings.
   fails: two-forks first-reaped adopted saw-it no-zombie as-asked */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t first = fork();

    if (first == 0)
        exit(0);
    if (fork() == 0) {
        usleep(100000);
        printf("second child, parent pid = %d\n", getppid());
        exit(0);
    }
    waitpid(first, NULL, 0);
    return 0;
}
