/* The child prints the line too.
   remark: the child printed it into the buffer of its parent's stream */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int glob = 6;

int main(void)
{
    volatile int var = 88;
    pid_t pid;

    printf("before vfork\n");
    if ((pid = vfork()) == 0) {
        glob++;
        var++;
        printf("pid = %ld, glob = %d, var = %d\n", (long)getpid(), glob, var);
        _exit(0);
    }
    printf("pid = %ld, glob = %d, var = %d\n", (long)getpid(), glob, var);
    waitpid(pid, NULL, 0);
    return 0;
}
