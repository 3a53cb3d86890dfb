/* PATH has one more directory.
   fails: own-environment */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char *env_init[] = { "USER=unknown", "PATH=/tmp:/bin", NULL };

int main(void)
{
    pid_t pid;

    if ((pid = fork()) == 0) {
        execle("/bin/true", "echoall", "myarg1", "MY ARG2", (char *)0,
               env_init);
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
