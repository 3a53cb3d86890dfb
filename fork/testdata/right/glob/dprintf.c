/* The last lines go round the buffer.
   remark: printed its line without a buffer */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int glob = 6;

int main(void)
{
    int var = 88;

    if (write(1, "a write to stdout\n", 18) != 18)
        return 1;
    printf("before fork\n");
    if (fork() == 0) {
        glob++;
        var++;
    } else
        wait(NULL);
    dprintf(1, "pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    return 0;
}
