/* fork is called once, and returns twice. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t pid;

    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("before the fork: one process, pid %ld\n",
           (long)getpid());

    pid = fork(); /* called here, once */
    if (pid < 0) {
        perror("fork");
        return 1;
    }
    if (pid == 0) { /* it returned 0: this is the child */
        printf("child: fork returned %ld, pid %ld, parent %ld\n",
               (long)pid, (long)getpid(), (long)getppid());
        exit(0);
    }
    if (waitpid(pid, NULL, 0) != pid) {
        perror("waitpid");
        return 1;
    }
    printf("parent: fork returned %ld, pid %ld\n", (long)pid,
           (long)getpid());
    return 0;
}
