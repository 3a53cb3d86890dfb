/* SIGINT twice, and SIGQUIT not at all.
   fails: ignored before-the-fork childs-own restored */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int my_system(const char *command)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    struct sigaction on_int, on_quit;
    sigset_t chld, mask;
    int status = -1;
    pid_t pid;

    sigaction(SIGINT, &ignore, &on_int);
    sigaction(SIGINT, &ignore, &on_quit);
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, &mask);
    if ((pid = fork()) == 0) {
        sigaction(SIGINT, &on_int, NULL);
        sigaction(SIGQUIT, &on_quit, NULL);
        sigprocmask(SIG_SETMASK, &mask, NULL);
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
    printf("the command ended with 0x%x\n", my_system("sleep 0.4"));
    return 0;
}
