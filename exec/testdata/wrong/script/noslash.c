/* A name without a slash, which execlp looks for in PATH.
   fails: executed one-argument pathname zero-lost rest */
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
    int fd = open("testinterp", O_CREAT|O_WRONLY, 0755);
    write(fd,"#!/bin/echo one two\n", 20);
    close(fd);
    pid_t p = fork();
    if (!p) {
        execlp("testinterp","zero","myarg1","MY ARG2", (char*)0);
        perror("execlp");
        _exit(127);
    }
    waitpid(p, 0, 0);
    return 0;
}
