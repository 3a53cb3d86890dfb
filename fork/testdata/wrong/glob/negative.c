/* Compares with the wrong sign: no process runs the lines of the child.
   fails: copied */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int glob = 6;

int main(void)
{
    int var = 88;
    pid_t pid;

    if (write(1, "a write to stdout\n", 18) != 18)
        return 1;
    printf("before fork\n");
    if ((pid = fork()) < 0) {
        glob++;
        var++;
    } else
        wait(NULL);
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    return 0;
}
