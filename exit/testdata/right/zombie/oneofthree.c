/* Makes three children and waits for one of them.
   remark: never reaped the child */
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    siginfo_t info;
    int status;

    for (int i = 0; i < 3; i++) {
        pid_t pid = fork();

        if (pid == 0)
            _exit(i);
        waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
    }
    wait(&status);
    return 0;
}
