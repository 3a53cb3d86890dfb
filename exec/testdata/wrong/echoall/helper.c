/* A helper before, and the second child gets the list of the first.
   fails: inherited */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char *env_init[] = { "USER=unknown", "PATH=/tmp", NULL };

int main(void)
{
    pid_t pid;

    if (system("mkdir -p work") != 0)
        return 1;
    if ((pid = fork()) == 0) {
        execle("/bin/true", "echoall", "myarg1", "MY ARG2", (char *)0,
               env_init);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    if ((pid = fork()) == 0) {
        execvpe("true", (char *[]){ "echoall", "only 1 arg", NULL },
                env_init);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
