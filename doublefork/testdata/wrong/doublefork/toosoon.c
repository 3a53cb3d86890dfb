/* The second child does not wait to be an orphan: the first one,
   slower than it, still lives.
   fails: first-reaped adopted saw-it */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t first = fork();

    if (first == 0) {
        if (fork() == 0) {
            printf("second child, parent pid = %d\n", getppid());
            exit(0);
        }
        sleep(1);
        exit(0);
    }
    waitpid(first, NULL, 0);
    return 0;
}
