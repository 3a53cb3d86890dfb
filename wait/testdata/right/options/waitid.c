/* waitid: WSTOPPED and WCONTINUED, and a terminal's stop signal.
   flags: -O2 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    siginfo_t info;
    pid_t pid = fork();

    if (pid == 0)
        for (;;)
            pause();
    info.si_pid = 1;
    if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG) < 0)
        return 1;
    printf("nothing yet: %d\n", (int)info.si_pid);
    kill(pid, SIGTSTP);
    waitid(P_ALL, 0, &info, WSTOPPED | WEXITED);
    printf("code %d\n", info.si_code);
    kill(pid, SIGCONT);
    waitid(P_ALL, 0, &info, WCONTINUED | WEXITED);
    printf("code %d\n", info.si_code);
    kill(pid, SIGTERM);
    waitid(P_ALL, 0, &info, WEXITED);
    printf("code %d\n", info.si_code);
    return 0;
}
