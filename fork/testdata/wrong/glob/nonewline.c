/* No newline after the first two lines.
   fails: copied direct-once buffered-twice */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int glob = 6;

int main(void)
{
    int var = 88;
    pid_t pid;

    if (write(1, "a write to stdout", 17) != 17)
        return 1;
    printf("before fork");
    pid = fork();
    if (pid == 0) {
        glob++;
        var++;
    } else {
        waitpid(pid, NULL, 0);
    }
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    return 0;
}
