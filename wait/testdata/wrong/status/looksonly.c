/* Looks with WNOWAIT and collects nobody.
   fails: collected */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void child(int how)
{
    siginfo_t info;
    pid_t pid = fork();

    if (pid == 0) {
        if (how == 7)
            _exit(7);
        raise(how);
    }
    waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
    if (info.si_code == CLD_EXITED)
        printf("normal termination, exit status = %d\n", info.si_status);
    else
        printf("abnormal termination, signal number = %d%s\n",
               info.si_status,
               info.si_code == CLD_DUMPED ? " (core file generated)" : "");
}

int main(void)
{
    child(7);
    child(SIGABRT);
    child(SIGFPE);
    return 0;
}
