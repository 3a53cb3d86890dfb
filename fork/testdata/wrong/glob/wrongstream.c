/* Prints the buffered line to standard error.
   fails: buffered-twice */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int glob = 6;

int main(void)
{
    int var = 88;
    pid_t pid;

    if (write(STDOUT_FILENO, "a write to stdout\n", 18) < 0)
        return 1;
    fprintf(stderr, "before fork\n");
    if ((pid = fork()) == 0) {
        glob++;
        var++;
    } else {
        waitpid(pid, NULL, 0);
    }
    printf("pid = %ld, glob = %d, var = %d\n", (long)getpid(), glob, var);
    return 0;
}
