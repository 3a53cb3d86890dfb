/* Shells that prepare and clean up, before the first child, between the
   two, in a child and at the end. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char *env_init[] = { "USER=unknown", "PATH=/tmp", NULL };

int main(void)
{
    pid_t pid;

    if (system("mkdir -p work && date > work/log") != 0)
        return 1;
    if ((pid = fork()) == 0) {
        if (system("date >> work/log; ls work >> work/log") != 0)
            _exit(126);
        execle("/bin/true", "echoall", "myarg1", "MY ARG2", (char *)0,
               env_init);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    if (system("date >> work/log") != 0)
        return 1;
    if ((pid = fork()) == 0) {
        execlp("true", "echoall", "only 1 arg", (char *)0);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    return system("for i in 1 2 3; do date; ls work; done > log; "
                  "rm -r work log") != 0;
}
