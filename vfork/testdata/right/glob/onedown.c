/* The experiment is one level down, in a forked child; its first
   lines are still in the buffer, and system runs a helper. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int glob = 6;

int main(void)
{
    volatile int var = 88;
    pid_t pid;
    siginfo_t info;

    if (system("exit 0") != 0)
        return 1;
    if ((pid = fork()) > 0)
        return waitid(P_PID, pid, &info, WEXITED) < 0;
    puts("what follows is the experiment");
    if ((pid = vfork()) == 0) {
        ++glob, ++var;
        _exit(0);
    }
    if (waitid(P_ALL, 0, &info, WEXITED) < 0)
        return 1;
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    waitpid(pid, NULL, 0);
    return 0;
}
