/* Prints the buffered line before it writes the direct one.
   remark: on a terminal "before fork" comes before it */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int glob = 6;

int main(void)
{
    int var = 88;

    printf("before fork\n");
    if (write(1, "a write to stdout\n", 18) != 18)
        return 1;
    if (fork() == 0) {
        glob++;
        var++;
    } else
        wait(NULL);
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    return 0;
}
