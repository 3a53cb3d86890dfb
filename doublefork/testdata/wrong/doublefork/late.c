/* The original sleeps before it waits.
   fails: first-reaped */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t first = fork();

    if (first == 0) {
        pid_t me = getpid();

        if (fork() > 0)
            _exit(0);
        while (getppid() == me)
            usleep(1000);
        printf("second child, parent pid = %d\n", (int)getppid());
        exit(0);
    }
    sleep(1);
    return waitpid(first, NULL, 0) != first;
}
