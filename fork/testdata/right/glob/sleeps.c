/* flags: -O2 -static
   remark: sleeps for 50 ms
   The book's way, but short: the parent sleeps and does not wait. */
#include <stdio.h>
#include <unistd.h>

int glob = 6;

int main(void)
{
    int var = 88;

    if (write(STDOUT_FILENO, "a write to stdout\n", 18) != 18)
        return 1;
    printf("before fork\n");
    if (fork() == 0) {
        glob++;
        var++;
    } else {
        usleep(50000);
    }
    printf("pid = %ld, glob = %d, var = %d\n", (long)getpid(), glob, var);
    return 0;
}
