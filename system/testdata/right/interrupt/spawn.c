/* posix_spawn with attributes */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <spawn.h>

extern char **environ;

int main(void)
{
    char *args[] = { "sh", "-c", "sleep 0.4", NULL };
    posix_spawnattr_t attributes;
    sigset_t chld, before, defaults;
    pid_t pid;
    int status;

    signal(SIGINT, SIG_IGN);
    signal(SIGQUIT, SIG_IGN);
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, &before);

    sigemptyset(&defaults);
    sigaddset(&defaults, SIGINT);
    sigaddset(&defaults, SIGQUIT);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setsigmask(&attributes, &before);
    if (posix_spawn(&pid, "/bin/sh", NULL, &attributes, args, environ) != 0)
        return 1;
    waitpid(pid, &status, 0);

    signal(SIGINT, SIG_DFL);
    signal(SIGQUIT, SIG_DFL);
    sigprocmask(SIG_SETMASK, &before, NULL);
    printf("done: 0x%x\n", status);
    return 0;
}
