/* The original makes itself the adopter: the second child is its
   own again, and it has to wait for it after all.
   fails: adopted */
#include <sys/prctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int p[2];
    char c;
    pid_t first;

    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (pipe(p) < 0)
        return 1;
    first = fork();
    if (first == 0) {
        if (fork() == 0) {
            if (read(p[0], &c, 1) != 1)
                exit(1);
            printf("second child, parent pid = %d\n", getppid());
        }
        exit(0);
    }
    waitpid(first, NULL, 0);
    if (write(p[1], "g", 1) != 1)
        return 1;
    return wait(NULL) < 0;
}
