/* Kills the stopped child and never continues it.
   fails: continue-seen */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int gate[2], st;
    char b;
    pid_t pid;

    if (pipe(gate) < 0)
        return 1;
    if ((pid = fork()) == 0) {
        close(gate[1]);
        _exit((int)read(gate[0], &b, 1));
    }
    printf("%d\n", (int)waitpid(pid, &st, WNOHANG));
    kill(pid, SIGSTOP);
    waitpid(pid, &st, WUNTRACED);
    kill(pid, SIGKILL);
    waitpid(pid, &st, WCONTINUED);
    return 0;
}
