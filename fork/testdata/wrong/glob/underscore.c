/* Its child ends with _exit: the copies in its buffer are lost.
   fails: copied buffered-twice */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int glob = 6;

int main(void)
{
    int var = 88;
    pid_t pid;

    if (write(1, "a write to stdout\n", 18) != 18)
        return 1;
    printf("before fork\n");
    pid = fork();
    if (pid == 0) {
        glob++;
        var++;
        printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    return 0;
}
