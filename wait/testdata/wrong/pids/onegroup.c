/* Never calls setpgid: everybody is in one group.
   fails: other-group as-asked */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t c[4];
    int st;

    for (int i = 0; i < 4; i++) {
        if ((c[i] = fork()) == 0)
            _exit(i + 1);
    }
    printf("pid %d\n", (int)waitpid(c[1], &st, 0));
    printf("group %d\n", (int)waitpid(-getpgrp(), &st, 0));
    printf("own %d\n", (int)waitpid(0, &st, 0));
    printf("any %d\n", (int)waitpid(-1, &st, 0));
    printf("none %d\n", (int)waitpid(-1, &st, 0));
    return 0;
}
