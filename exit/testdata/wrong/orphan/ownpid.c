/* Prints its own pid.
   fails: saw-it */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    pid_t parent = getpid();

    if (fork() == 0) {
        while (getppid() == parent)
            usleep(1000);
        printf("parent pid = %d\n", (int)getpid());
    }
    return 0;
}
