/* Names a pid when only that child is left.
   fails: one-pid */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t c[4], other = 0;
    int st;

    for (int i = 0; i < 4; i++) {
        if ((c[i] = fork()) == 0) {
            if (i >= 2)
                setpgid(0, other);
            _exit(i + 1);
        }
        if (i >= 2)
            setpgid(c[i], other);
        if (i == 2)
            other = c[i];
    }
    printf("group %d\n", (int)waitpid(-other, &st, 0));
    printf("group %d\n", (int)waitpid(-other, &st, 0));
    for (int i = 0; i < 2; i++) {
        pid_t pid;

        if (i == 0)
            pid = waitpid(0, &st, 0);
        else
            pid = waitpid(c[0] == other ? c[1] : c[0], &st, 0);
        if (pid == c[0])
            c[0] = other;
        printf("%d\n", (int)pid);
    }
    printf("none %d\n", (int)waitpid(-1, &st, 0));
    return 0;
}
