/* Sends no signal, and a poll answers 0 each time.
   fails: stop-seen continue-seen */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int gate[2], st = 0;
    char b;
    pid_t pid;

    if (pipe(gate) < 0)
        return 1;
    if ((pid = fork()) == 0) {
        close(gate[1]);
        _exit((int)read(gate[0], &b, 1));
    }
    printf("%d\n", (int)waitpid(pid, &st, WNOHANG));
    waitpid(pid, &st, WUNTRACED | WNOHANG);
    printf("stopped %d\n", WIFSTOPPED(st));
    waitpid(pid, &st, WCONTINUED | WNOHANG);
    printf("continued %d\n", WIFCONTINUED(st));
    close(gate[1]);
    waitpid(pid, &st, 0);
    return 0;
}
