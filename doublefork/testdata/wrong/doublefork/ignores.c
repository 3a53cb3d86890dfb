/* SIGCHLD is ignored: no zombie, and nothing for wait to return.
   fails: first-reaped */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int p[2];
    char c;
    pid_t first;

    signal(SIGCHLD, SIG_IGN);
    if (pipe(p) < 0)
        return 1;
    first = fork();
    if (first == 0) {
        if (fork() == 0) {
            if (read(p[0], &c, 1) != 1)
                exit(1);
            printf("second child, parent pid = %d\n", getppid());
        }
        exit(0);
    }
    waitpid(first, NULL, 0);
    return write(p[1], "g", 1) != 1;
}
