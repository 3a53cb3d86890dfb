/* Polls until its parent is pid 1, gives up, and says so anyway.
   fails: saw-it */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    if (fork() == 0) {
        for (int i = 0; getppid() != 1 && i < 20; i++)
            usleep(10000);
        printf("parent pid = %d\n", 1);
    }
    return 0;
}
