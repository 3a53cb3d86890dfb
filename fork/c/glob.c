/* Figure 8.1: a child gets copies of variables and buffers. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int globvar = 6; /* in the initialized data */
char buf[] = "a write to stdout\n";

int main(void)
{
    int var = 88; /* on the stack */
    pid_t pid;

    /* The compiler computes sizeof, which counts the null byte
       too. strlen would count at run time, without it. */
    if (write(STDOUT_FILENO, buf, sizeof(buf) - 1)
        != (ssize_t)sizeof(buf) - 1) {
        perror("write");
        return 1;
    }
    printf("before fork\n"); /* stays in the buffer on a pipe */

    if ((pid = fork()) < 0) {
        perror("fork");
        return 1;
    } else if (pid == 0) { /* the child changes its variables */
        globvar++;
        var++;
    } else if (waitpid(pid, NULL, 0) != pid) {
        perror("waitpid");
        return 1;
    }

    printf("pid = %ld, glob = %d, var = %d\n",
           (long)getpid(), globvar, var);
    exit(0);
}
