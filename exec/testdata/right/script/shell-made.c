/* A shell makes the file; the interpreter is printf. */
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
    system("printf '#!/usr/bin/printf one two\\n' > testinterp; chmod 755 testinterp");
    pid_t p = fork();
    if (!p) {
        char *av[] = {"zero","myarg1","MY ARG2", 0};
        execvp("./testinterp", av);
        _exit(127);
    }
    waitpid(p, 0, 0);
    return 0;
}
