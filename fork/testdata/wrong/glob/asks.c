/* Asks on standard input how many children there are to be.
   fails: forked copied direct-once buffered-twice as-asked */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int n = 0;

    printf("how many? ");
    if (scanf("%d", &n) != 1)
        n = 0;
    for (int i = 0; i < n; i++)
        if (fork() == 0)
            return 0;
    while (wait(NULL) > 0)
        ;
    return 0;
}
