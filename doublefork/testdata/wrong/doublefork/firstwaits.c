/* The first child waits for the second, as every parent should.
   fails: first-reaped adopted saw-it as-asked */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        pid = fork();
        if (pid == 0) {
            usleep(100000);
            printf("second child, parent pid = %d\n", getppid());
            exit(0);
        }
        waitpid(pid, NULL, 0);
        exit(0);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
