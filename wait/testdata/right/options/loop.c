/* One loop with all options, as a shell has it; the child is a
   program of its own, made by vfork.
   flags: -Wno-deprecated-declarations */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int st, zeros = 0;
    pid_t pid = vfork(), got;

    if (pid == 0) {
        execlp("sleep", "sleep", "5", (char *)NULL);
        _exit(127);
    }
    for (;;) {
        got = waitpid(pid, &st, WNOHANG | WUNTRACED | WCONTINUED);
        if (got < 0)
            break;
        if (got == 0) {
            if (zeros++ == 0)
                kill(pid, SIGSTOP);
            usleep(1000);
        } else if (WIFSTOPPED(st)) {
            printf("stopped by %d\n", WSTOPSIG(st));
            kill(pid, SIGCONT);
        } else if (WIFCONTINUED(st)) {
            printf("continued\n");
            kill(pid, SIGKILL);
        } else {
            printf("killed by %d\n", WTERMSIG(st));
        }
    }
    return 0;
}
