/* The child ends as soon as it is continued.
   fails: nohang-zero continue-seen */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int s;
    pid_t pid = fork();

    if (pid == 0) {
        raise(SIGSTOP);
        _exit(0);
    }
    waitpid(pid, &s, WUNTRACED);
    waitpid(pid, &s, WNOHANG);
    kill(pid, SIGCONT);
    waitid(P_PID, (id_t)pid, &(siginfo_t){ 0 }, WEXITED | WNOWAIT);
    waitpid(pid, &s, WCONTINUED);
    waitpid(pid, &s, 0);
    return 0;
}
