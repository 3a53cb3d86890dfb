/* Lets system do the vfork, and adds itself.
   fails: vforked shared by-the-child underscore-exit as-asked */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int glob = 6;

int main(void)
{
    int var = 88;

    if (system(":") != 0)
        return 1;
    glob++;
    var++;
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    return 0;
}
