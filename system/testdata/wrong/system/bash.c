/* Executes bash instead of /bin/sh.
   fails: shells statuses by-pid said-right as-asked */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void pr(int s)
{
    if (WIFEXITED(s)) printf("normal termination, exit status = %d\n", WEXITSTATUS(s));
    else printf("abnormal termination, signal number = %d\n", WTERMSIG(s));
}
static const char *c[] = {"exit 0","nosuchcommand","exit 44","kill -9 $$"};

int main(void)
{
    for (int i = 0;i < 4;i++) {
        pid_t p = fork();
        if (!p) {
            execl("/bin/bash","sh","-c", c[i], (char*)0);
            _exit(127);
        }
        int s;
        waitpid(p, &s, 0);
        pr(s);
    }
    return 0;
}
