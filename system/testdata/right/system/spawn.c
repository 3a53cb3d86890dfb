/* posix_spawn of /bin/sh. */
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
        pid_t p;
        char *av[] = {"sh","-c", (char*)c[i], 0};
        if (posix_spawn(&p,"/bin/sh", 0, 0, av, environ)) return 1;
        int s;
        while (waitpid(p, &s, 0)<0 && errno == EINTR);
        pr(s);
    }
    return 0;
}
