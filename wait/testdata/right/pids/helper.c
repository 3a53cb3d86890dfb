/* A helper makes six children of its own before. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void helper(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        for (int i = 0; i < 6; i++) {
            if (fork() == 0)
                _exit(0);
            wait(NULL);
        }
        _exit(9);
    }
    waitpid(pid, NULL, 0);
}

int main(void)
{
    pid_t c[4];
    int s;

    helper();
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
    waitpid(c[1], &s, 0);
    waitpid(-c[2], &s, 0);
    waitpid(0, &s, 0);
    while (waitpid(-1, &s, 0) > 0)
        ;
    return 0;
}
