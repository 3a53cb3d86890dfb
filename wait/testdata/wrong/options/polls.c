/* Asks with WNOHANG once, right after the signal, and never again.
   races
   fails: stop-seen continue-seen */
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
    kill(pid, SIGCONT);
    close(gate[1]);
    waitpid(pid, &st, 0);
    printf("%d\n", (int)waitpid(pid, &st, WUNTRACED | WNOHANG));
    printf("%d\n", (int)waitpid(pid, &st, WCONTINUED | WNOHANG));
    return 0;
}
