/* Prints the right line without doing anything.
   fails: vforked shared by-the-child underscore-exit as-asked */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    printf("before vfork\npid = %d, glob = 7, var = 89\n", (int)getpid());
    return 0;
}
