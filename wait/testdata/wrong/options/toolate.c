/* Asks with WNOHANG when the child is dead.
   fails: nohang-zero */
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
    kill(pid, SIGSTOP);
    waitpid(pid, &st, WUNTRACED);
    printf("stopped %d\n", WIFSTOPPED(st));
    kill(pid, SIGCONT);
    waitpid(pid, &st, WCONTINUED);
    printf("continued %d\n", WIFCONTINUED(st));
    close(gate[1]);
    waitid(P_PID, (id_t)pid, &(siginfo_t){ 0 }, WEXITED | WNOWAIT);
    printf("%d\n", (int)waitpid(pid, &st, WNOHANG));
    return 0;
}
