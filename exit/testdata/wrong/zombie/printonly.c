/* Prints what ps would, without a child.
   fails: was-zombie as-asked */
#include <stdio.h>

int main(void)
{
    printf("  PID STAT COMMAND\n 4712 Z+   a.out <defunct>\n");
    return 0;
}
