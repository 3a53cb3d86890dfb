/* Waits with -1 only.
   fails: one-pid other-group own-group */
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
            if (i >= 2)
                setpgid(0, i == 2 ? 0 : c[2]);
            _exit(i + 1);
        } else {
            if (i >= 2)
                setpgid(c[i], c[2]);
            waitid(P_PID, (id_t)c[i], &(siginfo_t){ 0 }, WEXITED | WNOWAIT);
        }
    while (waitpid(-1, &s, 0) > 0)
        ;
    return c[0] < 0;
}
