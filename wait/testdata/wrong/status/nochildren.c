/* Prints the right lines without doing anything.
   fails: three-deaths collected said-right as-asked */
#include <stdio.h>

int main(void)
{
    printf("normal termination, exit status = 7\n");
    printf("abnormal termination, signal number = 6\n");
    printf("abnormal termination, signal number = 8\n");
    return 0;
}
