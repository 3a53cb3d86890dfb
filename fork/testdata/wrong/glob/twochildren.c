/* Makes a second child beside the one of the experiment.
   fails: forked */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int glob = 6;

int main(void)
{
    int var = 88;
    pid_t pid;

    if (write(1, "a write to stdout\n", 18) != 18)
        return 1;
    printf("before fork\n");
    if ((pid = fork()) == 0) {
        glob++;
        var++;
    } else {
        waitpid(pid, NULL, 0);
        if ((pid = fork()) == 0)
            _exit(0);
        waitpid(pid, NULL, 0);
    }
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    return 0;
}
