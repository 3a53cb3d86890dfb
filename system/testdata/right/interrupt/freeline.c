/* Prints a free line before it restores, and the line afterwards. */
#define _DEFAULT_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int status;
    pid_t pid;
    sigset_t chld, before;
    void (*interrupt)(int) = signal(SIGINT, SIG_IGN);
    void (*quit)(int) = signal(SIGQUIT, SIG_IGN);

    setvbuf(stdout, NULL, _IONBF, 0);
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, &before);
    if ((pid = fork()) == 0) {
        signal(SIGINT, interrupt);
        signal(SIGQUIT, quit);
        sigprocmask(SIG_SETMASK, &before, NULL);
        execl("/bin/sh", "sh", "-c", "sleep 0.4", (char *)0);
        _exit(127);
    }
    waitpid(pid, &status, 0);
    printf("waitpid returned the status word %#x\n", status);
    signal(SIGINT, interrupt);
    signal(SIGQUIT, quit);
    sigprocmask(SIG_SETMASK, &before, NULL);
    printf("restored\n");
    return 0;
}
