/* One level down: the parent is itself a child. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int parent(void)
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
    kill(pid, SIGCONT);
    waitpid(pid, &st, WCONTINUED);
    close(gate[1]);
    waitpid(pid, &st, 0);
    return 0;
}

int main(void)
{
    if (fork() == 0)
        exit(parent());
    return wait(NULL) < 0;
}
