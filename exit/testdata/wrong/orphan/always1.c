/* Knows that it is 1.
   fails: saw-it */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    if (fork() == 0) {
        sleep(1);
        printf("parent pid = 1\n");
    }
    return 0;
}
