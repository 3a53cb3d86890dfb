/* Shells run before the children are made and when all are reaped. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int status;
    pid_t pids[4];

    if (system("mkdir -p work && date > work/log") != 0)
        return 1;
    for (int i = 0; i < 4; i++) {
        if ((pids[i] = fork()) == 0)
            _exit(i + 1);
        if (i >= 2)
            setpgid(pids[i], pids[2]);
    }
    waitpid(pids[0], &status, 0);
    waitpid(-pids[2], &status, 0);
    waitpid(0, &status, 0);
    while (waitpid(-1, &status, 0) > 0)
        ;
    return system("rm -r work") != 0;
}
