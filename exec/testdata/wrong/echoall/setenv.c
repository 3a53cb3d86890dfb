/* Adds the two strings to the environment and keeps the others.
   fails: own-environment */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char *env_init[] = { "USER=unknown", "PATH=/tmp", NULL };

int main(void)
{
    pid_t pid;

    (void)env_init;
    if ((pid = fork()) == 0) {
        setenv("USER", "unknown", 1);
        setenv("PATH", "/tmp", 1);
        execl("/bin/true", "echoall", "myarg1", "MY ARG2", (char *)0);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    if ((pid = fork()) == 0) {
        execlp("true", "echoall", "only 1 arg", (char *)0);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
