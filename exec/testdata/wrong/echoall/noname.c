/* Forgets that the first argument is argv[0].
   fails: arguments free-name */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    char *ev[] = {"USER=unknown","PATH=/tmp", 0};
    pid_t p;
    if (!(p = fork())) {
        execle("/bin/echo","myarg1","MY ARG2", (char*)0, ev);
        _exit(127);
    }
    waitpid(p, 0, 0);
    if (!(p = fork())) {
        execlp("echo","echoall","only 1 arg", (char*)0);
        _exit(127);
    }
    waitpid(p, 0, 0);
    return 0;
}
