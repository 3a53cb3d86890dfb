/* Writes the direct line after the fork, in both processes.
   fails: direct-once */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int glob = 6;

int main(void)
{
    int var = 88;
    pid_t pid;

    printf("before fork\n");
    pid = fork();
    if (write(1, "a write to stdout\n", 18) != 18)
        return 1;
    if (pid == 0) {
        glob++;
        var++;
    } else {
        waitpid(pid, NULL, 0);
    }
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    return 0;
}
