/* Sets environ in the child instead of passing a list. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int main(void)
{
    char *own[] = { "USER=unknown", "PATH=/tmp", NULL };
    char *second[] = { "echoall", "only 1 arg", NULL };
    int status;

    if (fork() == 0) {
        environ = own;
        execl("/bin/echo", "echoall", "myarg1", "MY ARG2",
              (char *)NULL);
        _exit(127);
    }
    wait(&status);
    if (fork() == 0) {
        execvp("echo", second);
        _exit(127);
    }
    wait(&status);
    return 0;
}
