/* vfork where fork is asked: nothing is copied.
   fails: forked copied direct-once buffered-twice as-asked
   flags: -Wno-deprecated-declarations */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int glob = 6;

int main(void)
{
    volatile int var = 88;
    pid_t pid;

    if (write(1, "a write to stdout\n", 18) != 18)
        return 1;
    printf("before fork\n");
    if ((pid = vfork()) == 0) {
        glob++;
        var++;
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    return 0;
}
