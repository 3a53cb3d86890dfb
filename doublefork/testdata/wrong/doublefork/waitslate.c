/* The original waits, but only after the second child has ended.
   fails: first-reaped */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int p[2];
    pid_t first, second;

    if (pipe(p) < 0)
        return 1;
    first = fork();
    if (first == 0) {
        pid_t parent = getpid();
        second = fork();
        if (second > 0) {
            if (write(p[1], &second, sizeof second) < 0)
                exit(1);
            exit(0);
        }
        while (getppid() == parent)
            usleep(1000);
        printf("second child, parent pid = %d\n", getppid());
        exit(0);
    }
    if (read(p[0], &second, sizeof second) < 0)
        return 1;
    while (kill(second, 0) == 0) /* until its new parent reaped it */
        usleep(1000);
    sleep(1);
    waitpid(first, NULL, 0);
    return 0;
}
