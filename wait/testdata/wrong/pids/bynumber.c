/* Names the own group by its number instead of 0.
   fails: own-group */
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
    printf("pid %d\n", (int)waitpid(c[1], &st, 0));
    printf("group %d\n", (int)waitpid(-other, &st, 0));
    printf("own %d\n", (int)waitpid(-getpgrp(), &st, 0));
    printf("any %d\n", (int)waitpid(-1, &st, 0));
    printf("none %d\n", (int)waitpid(-1, &st, 0));
    return 0;
}
