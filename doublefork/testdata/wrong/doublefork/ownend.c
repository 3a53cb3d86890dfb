/* The original waits for the end of a pipe whose write end it has open
   itself.
   limit: 2.5s
   fails: no-zombie as-asked */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int fd[2], reaped[2];
    char c;
    pid_t first;

    if (pipe(fd) < 0 || pipe(reaped) < 0)
        return 1;
    if ((first = fork()) == 0) {
        pid_t me = getpid();

        if (fork() > 0)
            exit(0);
        close(fd[0]);
        close(reaped[1]);
        if (read(reaped[0], &c, 1) != 0)
            exit(1);
        while (getppid() == me)
            usleep(1000);
        printf("second child, parent pid = %d\n", (int)getppid());
        exit(0);
    }
    waitpid(first, NULL, 0);
    close(reaped[1]);
    while (read(fd[0], &c, 1) > 0)
        ;
    return 0;
}
