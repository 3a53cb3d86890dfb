/* Prints the right lines without doing anything.
   fails: exit-flushes handler-ran _exit-loses was-buffered normal-ends as-asked */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    printf("the buffered line\nthe handler\n");
    if (isatty(1))
        printf("the lost line\n");
    return 0;
}
