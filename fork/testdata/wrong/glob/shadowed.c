/* What fork returned is in another variable of the same name.
   flags: -Wno-unused-but-set-variable
   fails: copied */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int glob = 6;

int main(void)
{
    int var = 88;
    pid_t pid = 0;

    if (write(1, "a write to stdout\n", 18) != 18)
        return 1;
    printf("before fork\n");
    {
        pid_t pid = fork();

        if (pid < 0)
            return 1;
    }
    if (pid == 0) {
        glob++;
        var++;
    }
    wait(NULL);
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    return 0;
}
