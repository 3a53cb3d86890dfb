/* Learns the status from a look with WNOWAIT, prints it, and reaps then. */
#define _DEFAULT_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    siginfo_t info;

    for (int i = 0; i < 3; i++) {
        fflush(stdout);
        pid_t pid = fork();
        if (pid == 0) {
            if (i == 0)
                exit(7);
            if (i == 1)
                abort();
            raise(SIGFPE);
        }
        if (waitid(P_PID, pid, &info, WEXITED | WNOWAIT) < 0)
            return 1;
        if (info.si_code == CLD_EXITED)
            printf("normal termination, exit status = %d\n", info.si_status);
        else
            printf("abnormal termination, signal number = %d%s\n", info.si_status,
                   info.si_code == CLD_DUMPED ? " (core file generated)" : "");
        waitpid(pid, NULL, 0);
    }
    return 0;
}
