/* SIGUSR1 is not a stop signal: it ends the child.
   fails: stop-seen continue-seen */
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
    kill(pid, SIGUSR1);
    waitpid(pid, NULL, WUNTRACED);
    kill(pid, SIGCONT);
    waitpid(pid, NULL, WCONTINUED);
    return 0;
}
