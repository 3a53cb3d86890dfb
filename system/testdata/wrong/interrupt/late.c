/* changes the signals after the fork; a pipe holds the child until then
   fails: before-the-fork */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    sigset_t chld, mask;
    int status, hold[2];
    char byte;
    pid_t pid;

    if (pipe(hold) < 0)
        return 1;
    if ((pid = fork()) == 0) {
        close(hold[1]);
        if (read(hold[0], &byte, 1) < 0)
            _exit(1);
        close(hold[0]);
        execl("/bin/sh", "sh", "-c", "sleep 0.4", (char *)0);
        _exit(127);
    }
    signal(SIGINT, SIG_IGN);
    signal(SIGQUIT, SIG_IGN);
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, &mask);
    close(hold[1]);
    waitpid(pid, &status, 0);
    signal(SIGINT, SIG_DFL);
    signal(SIGQUIT, SIG_DFL);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    printf("the command ended with 0x%x\n", status);
    return 0;
}
