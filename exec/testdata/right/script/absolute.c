/* fprintf, chmod and an absolute pathname. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    FILE *f = fopen("testinterp","w");
    fprintf(f,"#!/bin/echo one two\nbody\n");
    fclose(f);
    chmod("testinterp", 0755);
    char cwd[200];
    getcwd(cwd, 180);
    char path[300];
    snprintf(path, 300,"%s/testinterp", cwd);
    pid_t p = fork();
    if (!p) {
        execl(path,"zero","myarg1","MY ARG2", (char*)0);
        _exit(127);
    }
    waitpid(p, 0, 0);
    return 0;
}
