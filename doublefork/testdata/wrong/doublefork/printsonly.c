/* Prints the right line without doing anything.
   fails: two-forks first-reaped adopted saw-it no-zombie as-asked */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    printf("second child, parent pid = %d\n", getppid());
    return 0;
}
