/* Figure 8.3: a child of vfork changes its parent's variables. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int globvar = 6; /* in the initialized data */

int main(void)
{
    /* volatile keeps it in memory, where the child changes it. A
       register would not be shared. */
    volatile int var = 88;
    pid_t pid;

    printf("before vfork\n");
    if ((pid = vfork()) < 0) {
        perror("vfork");
        return 1;
    } else if (pid == 0) { /* the child */
        globvar++;
        var++;
        _exit(0);
    }

    /* The parent continues here when the child has ended. */
    printf("pid = %ld, glob = %d, var = %d\n",
           (long)getpid(), globvar, var);
    if (waitpid(pid, NULL, 0) != pid) {
        perror("waitpid");
        return 1;
    }
    exit(0);
}
