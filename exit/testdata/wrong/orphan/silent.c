/* The child sees its new parent and does not say so.
   fails: saw-it */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
    pid_t parent = getpid();

    if (fork() == 0) {
        while (getppid() == parent)
            usleep(1000);
        printf("my parent is now %d\n", (int)getppid());
        exit(0);
    }
    return 0;
}
