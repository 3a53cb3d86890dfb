/* The parent waits for SIGCHLD, not for the child. Two children,
   one of them killed. */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    sigset_t chld;
    int sig, status;
    pid_t pid;

    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, NULL);
    for (int i = 0; i < 2; i++) {
        if ((pid = fork()) == 0) {
            if (i == 0)
                raise(SIGKILL);
            pause();
        }
        if (i == 1)
            kill(pid, SIGTERM);
        sigwait(&chld, &sig);
        while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
            printf("%d: %#x\n", (int)pid, status);
    }
    return 0;
}
