/* Sees the stop and the end of one child, and leaves the other.
   fails: all-collected */
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
    if (fork() == 0)
        _exit(0);
    waitid(P_ALL, 0, &(siginfo_t){ 0 }, WEXITED | WNOWAIT);
    if ((pid = fork()) == 0) {
        close(gate[1]);
        _exit((int)read(gate[0], &b, 1));
    }
    printf("%d\n", (int)waitpid(pid, &st, WNOHANG));
    kill(pid, SIGSTOP);
    waitpid(pid, &st, WUNTRACED);
    printf("stopped %d\n", WIFSTOPPED(st));
    kill(pid, SIGCONT);
    waitpid(pid, &st, WCONTINUED);
    printf("continued %d\n", WIFCONTINUED(st));
    close(gate[1]);
    waitpid(pid, &st, 0);
    return 0;
}
