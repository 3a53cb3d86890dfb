/* The command ends at once. */
/* fails: as-asked */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    printf("status %d\n", system("exit 0"));
    return 0;
}
