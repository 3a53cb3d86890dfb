/* Prints the right lines without doing anything.
   fails: forked copied direct-once buffered-twice as-asked */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    printf("a write to stdout\nbefore fork\n");
    printf("pid = %d, glob = 7, var = 89\n", (int)getpid() + 1);
    printf("before fork\n");
    printf("pid = %d, glob = 6, var = 88\n", (int)getpid());
    return 0;
}
