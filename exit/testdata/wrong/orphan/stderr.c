/* Prints the line to standard error.
   fails: saw-it */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t old = getpid();

    if (fork() == 0) {
        while (getppid() == old)
            usleep(1000);
        fprintf(stderr, "parent pid = %d\n", (int)getppid());
        exit(0);
    }
    return 0;
}
