/* posix_spawn and posix_spawnp. */
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
extern char**environ;

int main(void)
{
    char *av[] = {"echoall","myarg1","MY ARG2", 0};
    char *ev[] = {"USER=unknown","PATH=/tmp", 0};
    pid_t p;
    if (posix_spawn(&p,"/bin/echo", 0, 0, av, ev)) return 1;
    waitpid(p, 0, 0);
    char *a2[] = {"echoall","only 1 arg", 0};
    if (posix_spawnp(&p,"echo", 0, 0, a2, environ)) return 1;
    siginfo_t s;
    waitid(P_PID, p, &s, WEXITED);
    puts("done");
    return 0;
}
