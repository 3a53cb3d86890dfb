/* The parent takes the short list as its own environment, and then looks
   for a program in PATH.
   fails: inherited arguments by-search free-name */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static char *list[] = { "USER=unknown", "PATH=/tmp", NULL };

int main(void)
{
    pid_t pid;

    if ((pid = fork()) == 0) {
        execle("/bin/echo", "echoall", "myarg1", "MY ARG2", (char *)0, list);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    environ = list;
    if ((pid = fork()) == 0) {
        execlp("echo", "echoall", "only 1 arg", (char *)0);
        perror("execlp");
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
