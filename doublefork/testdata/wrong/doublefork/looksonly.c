/* The original only looks at its first child, with WNOWAIT.
   fails: first-reaped no-zombie */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    siginfo_t info;
    int p[2];
    char c;
    pid_t first;

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
    waitid(P_PID, first, &info, WEXITED | WNOWAIT);
    return write(p[1], "g", 1) != 1;
}
