/* Asks once with WNOHANG, right after the signal: sometimes the child
   has stopped by then. If it has not, the parent waits for ever.
   races
   may pass: nohang-zero stop-seen continue-seen all-collected as-asked
   fails: nohang-zero stop-seen continue-seen all-collected as-asked */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int st;
    pid_t pid = fork();

    if (pid == 0)
        for (;;)
            pause();
    printf("%d\n", (int)waitpid(pid, &st, WNOHANG));
    kill(pid, SIGSTOP);
    printf("%d\n", (int)waitpid(pid, &st, WNOHANG | WUNTRACED));
    kill(pid, SIGCONT);
    printf("%d\n", (int)waitpid(pid, &st, WCONTINUED));
    kill(pid, SIGTERM);
    waitpid(pid, &st, 0);
    return 0;
}
