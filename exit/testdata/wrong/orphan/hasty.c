/* The child does not wait for anything, and ends first.
   fails: parent-first adopted saw-it as-asked */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    if (fork() == 0) {
        printf("parent pid = %d\n", (int)getppid());
        return 0;
    }
    sleep(1);
    return 0;
}
