/* Makes two at once, and prints both lines when both have ended.
   fails: as-asked */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void reap(pid_t pid)
{
    int st;

    waitpid(pid, &st, 0);
    if (WIFEXITED(st))
        printf("normal termination, exit status = %d\n", WEXITSTATUS(st));
    else if (WIFSIGNALED(st))
        printf("abnormal termination, signal number = %d%s\n",
               WTERMSIG(st),
               WCOREDUMP(st) ? " (core file generated)" : "");
    fflush(stdout);
}

int main(void)
{
    int go[2], dead[2];
    char c;
    pid_t first, second, third;
    siginfo_t si;

    if (pipe(go) < 0 || pipe(dead) < 0)
        return 1;
    if ((first = fork()) == 0) {
        close(go[1]);
        _exit(read(go[0], &c, 1) == 0 ? 7 : 1); /* and dead[1] with it */
    }
    close(dead[1]);
    if ((second = fork()) == 0) {
        close(go[1]);
        if (read(dead[0], &c, 1) == 0)
            abort();
        _exit(1);
    }
    close(go[1]);
    waitid(P_PID, second, &si, WEXITED | WNOWAIT);
    reap(first);
    reap(second);
    if ((third = fork()) == 0) {
        raise(SIGFPE);
        _exit(1);
    }
    reap(third);
    return 0;
}
