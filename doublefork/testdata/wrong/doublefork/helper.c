/* A helper, made on the way, is nobody's business, it seems.
   fails: no-zombie */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int p[2];
    char c;
    pid_t first;
    siginfo_t info;

    if (fork() == 0)
        _exit(0); /* the helper */
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
    /* The helper has ended. */
    waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
    return write(p[1], "g", 1) != 1;
}
