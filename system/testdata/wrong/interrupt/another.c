/* unblocks SIGCHLD after the fork, and waits for another signal
   fails: blocked */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN }, on_int, on_quit;
    sigset_t chld, usr1, before;
    int status = -1;
    pid_t pid;

    sigaction(SIGINT, &ignore, &on_int);
    sigaction(SIGQUIT, &ignore, &on_quit);
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, &before);
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    if ((pid = fork()) == 0) {
        sigaction(SIGINT, &on_int, NULL);
        sigaction(SIGQUIT, &on_quit, NULL);
        sigprocmask(SIG_SETMASK, &before, NULL);
        execl("/bin/sh", "sh", "-c", "sleep 0.4", (char *)0);
        _exit(127);
    }
    sigprocmask(SIG_SETMASK, &usr1, NULL);
    while (waitpid(pid, &status, WNOHANG) == 0)
        sigtimedwait(&usr1, NULL, &(struct timespec){ 0, 50000000 });
    sigaction(SIGINT, &on_int, NULL);
    sigaction(SIGQUIT, &on_quit, NULL);
    sigprocmask(SIG_SETMASK, &before, NULL);
    printf("the command ended with 0x%x\n", status);
    return 0;
}
