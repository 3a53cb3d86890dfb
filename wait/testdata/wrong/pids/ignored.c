/* SIGCHLD is ignored: each call waits for all and fails.
   fails: one-pid other-group own-group each-once */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t c[4], other = 0;
    int st, gate[2];
    char b;

    if (pipe(gate) < 0)
        return 1;
    signal(SIGCHLD, SIG_IGN);
    for (int i = 0; i < 4; i++) {
        if ((c[i] = fork()) == 0) {
            if (i >= 2)
                setpgid(0, other);
            close(gate[1]);
            _exit(i + 1 + (int)read(gate[0], &b, 1));
        }
        if (i >= 2)
            setpgid(c[i], other);
        if (i == 2)
            other = c[i];
    }
    close(gate[1]);
    printf("pid %d\n", (int)waitpid(c[1], &st, 0));
    printf("group %d\n", (int)waitpid(-other, &st, 0));
    printf("own %d\n", (int)waitpid(0, &st, 0));
    printf("any %d\n", (int)waitpid(-1, &st, 0));
    printf("none %d\n", (int)waitpid(-1, &st, 0));
    return 0;
}
