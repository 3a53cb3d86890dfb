/* Both lines have the same words. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int glob = 6;

int main(void)
{
    int var = 88;
    pid_t pid;

    if (write(1, "before fork\n", 12) != 12)
        return 1;
    printf("before fork\n");
    if ((pid = fork()) == 0) {
        glob++;
        var++;
    } else {
        waitpid(pid, NULL, 0);
    }
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    return 0;
}
