/* The second fork's result is compared the wrong way round: the second child
   leaves, and the first one prints.
   fails: first-reaped adopted saw-it */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t pid;

    if ((pid = fork()) == 0) {
        if ((pid = fork()) == 0)
            exit(0);
        sleep(1);
        printf("second child, parent pid = %ld\n", (long)getppid());
        exit(0);
    }
    if (waitpid(pid, NULL, 0) != pid)
        fprintf(stderr, "waitpid error\n");
    return 0;
}
