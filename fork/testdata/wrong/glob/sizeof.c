/* Writes the null byte that ends the string too.
   fails: direct-once */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int glob = 6;
char buf[] = "a write to stdout\n";

int main(void)
{
    int var = 88;
    pid_t pid;

    if (write(STDOUT_FILENO, buf, sizeof(buf)) != sizeof(buf))
        return 1;
    printf("before fork\n");
    if ((pid = fork()) == 0) {
        glob++;
        var++;
    } else {
        waitpid(pid, NULL, 0);
    }
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    return 0;
}
