/* waitid instead of wait: the words are in a siginfo. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    for (int i = 0; i < 3; i++) {
        siginfo_t info;

        if (fork() == 0) {
            if (i == 0)
                _Exit(7);
            kill(getpid(), i == 1 ? SIGABRT : SIGFPE);
            pause();
        }
        memset(&info, 0, sizeof info);
        if (waitid(P_ALL, 0, &info, WEXITED) < 0)
            return 1;
        if (info.si_code == CLD_EXITED)
            dprintf(1, "normal termination, exit status = %d\n",
                    info.si_status);
        else
            dprintf(1, "abnormal termination, signal number = %d%s\n",
                    info.si_status,
                    info.si_code == CLD_DUMPED ? " (core file generated)" : "");
    }
    return 0;
}
