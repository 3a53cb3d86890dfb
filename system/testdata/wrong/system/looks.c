/* Looks with WNOWAIT, and then reaps any child.
   fails: by-pid */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void pr_exit(int status)
{
    if (WIFEXITED(status))
        printf("normal termination, exit status = %d\n",
               WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        printf("abnormal termination, signal number = %d\n",
               WTERMSIG(status));
    fflush(stdout);
}

static int run(const char *command)
{
    int status = -1;
    pid_t pid = fork();

    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", command, (char *)0);
        _exit(127);
    }
    siginfo_t info;

    waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
    status = info.si_code == CLD_EXITED ? info.si_status << 8
                                        : info.si_status;
    wait(NULL);
    return status;
}

int main(void)
{
    pr_exit(run("exit 0"));
    pr_exit(run("nosuchcommand"));
    pr_exit(run("exit 44"));
    pr_exit(run("kill -9 $$"));
    return 0;
}
