/* The original adopts another orphan later, and ends while that one is
   its zombie.
   fails: no-zombie */
#include <sys/prctl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    siginfo_t info;
    int go[2];
    char c;
    pid_t helper, first;

    if (pipe(go) < 0)
        return 1;
    if ((first = fork()) == 0) {
        pid_t me = getpid();

        if (fork() > 0)
            _exit(0);
        close(go[1]);
        while (getppid() == me)
            usleep(1000);
        printf("second child, parent pid = %d\n", (int)getppid());
        fflush(stdout);
        _exit((int)read(go[0], &c, 1));
    }
    waitpid(first, NULL, 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    if ((helper = fork()) == 0) {
        pid_t me = getpid();

        if (fork() > 0)
            _exit(0);
        while (getppid() == me)
            usleep(1000);
        _exit(5);
    }
    waitpid(helper, NULL, 0);
    return waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
}
