/* The child adds one to another variable that is 6 too; the parent adds one
   to the one that it prints.
   fails: by-the-child */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int glob = 6, decoy = 6;

int main(void)
{
    int var = 88;
    pid_t pid;

    printf("before vfork\n");
    if ((pid = vfork()) == 0) {
        decoy++;
        var++;
        _exit(0);
    }
    glob++;
    waitpid(pid, NULL, 0);
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    return 0;
}
