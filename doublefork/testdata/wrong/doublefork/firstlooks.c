/* The first child looks whether the second has ended, and leaves.
   fails: as-asked */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int p[2];
    char c;
    pid_t pid;

    if (pipe(p) < 0)
        return 1;
    pid = fork();
    if (pid == 0) {
        pid = fork();
        if (pid == 0) {
            if (read(p[0], &c, 1) != 1)
                exit(1);
            printf("second child, parent pid = %d\n", getppid());
            exit(0);
        }
        waitpid(pid, NULL, WNOHANG);
        exit(0);
    }
    waitpid(pid, NULL, 0);
    return write(p[1], "g", 1) != 1;
}
