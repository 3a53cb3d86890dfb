/* Forgets WUNTRACED: the poll does not tell of the stop.
   fails: stop-seen */
#include <sched.h>
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
    sleep(1); /* /proc does not tell a stop from one of a tracer */
    waitid(P_PID, (id_t)pid, &(siginfo_t){ 0 }, WEXITED | WNOHANG);
    while (waitpid(pid, &st, WNOHANG) != 0)
        ;
    sched_yield();
    kill(pid, SIGCONT);
    waitpid(pid, &st, WCONTINUED);
    printf("continued %d\n", WIFCONTINUED(st));
    close(gate[1]);
    waitpid(pid, &st, 0);
    return 0;
}
