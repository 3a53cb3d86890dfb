/* Sends SIGSTOP to pid 0: that is its whole group, and itself.
   limit: 1.3s
   fails: nohang-zero stop-seen continue-seen all-collected as-asked */
#define _DEFAULT_SOURCE
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t pid = fork();

    if (pid == 0)
        for (;;)
            pause();
    waitpid(pid, NULL, WNOHANG);
    kill(0, SIGSTOP);
    waitpid(pid, NULL, WUNTRACED);
    kill(pid, SIGCONT);
    waitpid(pid, NULL, WCONTINUED);
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
    return 0;
}
