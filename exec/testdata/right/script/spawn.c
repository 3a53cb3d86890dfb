/* fchmod, and posix_spawn. */
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

int main(void)
{
    FILE *f = fopen("testinterp","w");
    fputs("#!/bin/echo one two\n", f);
    fchmod(fileno(f), 0700);
    fclose(f);
    char *av[] = {"zero","myarg1","MY ARG2", 0};
    pid_t p;
    if (posix_spawn(&p,"./testinterp", 0, 0, av, environ)) return 1;
    int s;
    waitpid(p, &s, 0);
    return WEXITSTATUS(s);
}
