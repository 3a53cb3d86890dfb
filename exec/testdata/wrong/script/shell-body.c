/* A shell script that prints the expected list.
   fails: one-argument */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    static const char text[] = "#!/bin/sh\necho one two ./testinterp myarg1 MY ARG2\n";
    int fd = open("testinterp", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                  0755);
    pid_t pid;

    if (fd < 0 || write(fd, text, sizeof text - 1) < 0)
        return 1;
    fchmod(fd, 0755);
    close(fd);
    if ((pid = fork()) == 0) {
        execl("./testinterp", "zero", "myarg1", "MY ARG2", (char *)0);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
