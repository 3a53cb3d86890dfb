/* Waits for SIGCHLD with sigwait: no handler. */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int my_system(const char *command)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN }, on_int, on_quit;
    sigset_t chld, before;
    int got, status = -1;
    pid_t pid;

    sigaction(SIGINT, &ignore, &on_int);
    sigaction(SIGQUIT, &ignore, &on_quit);
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, &before);
    if ((pid = fork()) == 0) {
        sigaction(SIGINT, &on_int, NULL);
        sigaction(SIGQUIT, &on_quit, NULL);
        sigprocmask(SIG_SETMASK, &before, NULL);
        execl("/bin/sh", "sh", "-c", command, (char *)0);
        _exit(127);
    }
    do
        sigwait(&chld, &got);
    while (waitpid(pid, &status, WNOHANG) == 0);
    sigaction(SIGINT, &on_int, NULL);
    sigaction(SIGQUIT, &on_quit, NULL);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return status;
}

int main(void)
{
    printf("the command ended with 0x%x\n", my_system("sleep 0.4"));
    return 0;
}
