/* fork where vfork is asked: the child's copy changes.
   fails: vforked shared by-the-child underscore-exit as-asked */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int glob = 6;

int main(void)
{
    int var = 88;
    pid_t pid = fork();

    if (pid == 0) {
        glob++;
        var++;
        _exit(0);
    }
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    waitpid(pid, NULL, 0);
    return 0;
}
