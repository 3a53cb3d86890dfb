/* Helpers without any handling of signals, before, in the child and after.
   The first one takes longer than 0.3 s, but it does not sleep. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int plain(const char *command)
{
    int status = -1;
    pid_t pid = fork();

    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", command, (char *)0);
        _exit(127);
    }
    waitpid(pid, &status, 0);
    return status;
}

static int my_system(const char *command)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    struct sigaction on_int, on_quit;
    sigset_t chld, mask;
    int status = -1;
    pid_t pid;

    sigaction(SIGINT, &ignore, &on_int);
    sigaction(SIGQUIT, &ignore, &on_quit);
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, &mask);
    if ((pid = fork()) == 0) {
        sigaction(SIGINT, &on_int, NULL);
        sigaction(SIGQUIT, &on_quit, NULL);
        sigprocmask(SIG_SETMASK, &mask, NULL);
        if (plain("date > log") != 0)
            _exit(126);
        execl("/bin/sh", "sh", "-c", command, (char *)0);
        _exit(127);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    sigaction(SIGINT, &on_int, NULL);
    sigaction(SIGQUIT, &on_quit, NULL);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    return status;
}

int main(void)
{
    int status;

    plain("i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done");
    status = my_system("sleep 0.6");
    plain("rm -f log");
    printf("the command ended with 0x%x\n", status);
    fflush(stdout);
    plain("date > log; rm log");
    return 0;
}
