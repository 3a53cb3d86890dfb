/* Waits for a child that waits for a signal.
   limit: 1.5s
   fails: one-pid other-group own-group any each-once then-echild as-asked */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t c[4];
    int s;

    for (int i = 0; i < 4; i++)
        if ((c[i] = fork()) == 0) {
            if (i == 0)
                pause();
            _exit(i + 1);
        }
    waitpid(c[0], &s, 0);
    waitpid(-c[2], &s, 0);
    waitpid(0, &s, 0);
    while (waitpid(-1, &s, 0) > 0)
        ;
    return 0;
}
