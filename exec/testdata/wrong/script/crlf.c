/* The line ends as on Windows.
   fails: one-argument */
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int fd = open("testinterp", O_CREAT|O_WRONLY, 0755);
    write(fd,"#!/bin/echo one two\r\n", 21);
    close(fd);
    pid_t p = fork();
    if (!p) {
        execl("./testinterp","zero","myarg1","MY ARG2", (char*)0);
        perror("execl");
        _exit(127);
    }
    waitpid(p, 0, 0);
    return 0;
}
