/* Figure 8.16 with printf as the program of both children. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char *env_init[] = { "USER=unknown", "PATH=/tmp", NULL };

int main(void)
{
    pid_t pid;

    if ((pid = fork()) < 0) {
        perror("fork error");
        exit(1);
    } else if (pid == 0) {
        if (execle("/usr/bin/printf", "echoall", "myarg1", "MY ARG2",
                   (char *)0, env_init) < 0) {
            perror("execle error");
            exit(1);
        }
    }
    if (waitpid(pid, NULL, 0) < 0)
        exit(1);

    if ((pid = fork()) < 0) {
        perror("fork error");
        exit(1);
    } else if (pid == 0) {
        if (execlp("printf", "echoall", "only 1 arg", (char *)0) < 0)
            exit(1);
    }
    if (waitpid(pid, NULL, 0) < 0)
        exit(1);
    return 0;
}
