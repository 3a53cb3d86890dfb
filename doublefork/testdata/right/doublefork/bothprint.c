/* The first child has no exit after its fork, and prints the line too,
   with the original's pid.
   remark: did it run on into the code of the second child */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t pid, before;

    if ((pid = fork()) == 0) {
        before = getpid();
        pid = fork();
        if (pid == 0)
            while (getppid() == before)
                usleep(1000);
        printf("second child, parent pid = %d\n", (int)getppid());
        exit(0);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
