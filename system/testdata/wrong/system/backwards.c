/* The commands from the last to the first.
   fails: shells statuses */
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
    for (int i = 3;i >= 0;i--) pr(system(c[i]));
    return 0;
}
