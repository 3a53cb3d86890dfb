/* The whole experiment one level down, below a process that makes
   itself the adopter and reaps the second child. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void original(void)
{
    int p[2];
    char c = 'x';

    if (pipe(p) < 0)
        exit(1);
    pid_t first = fork();
    if (first == 0) {
        if (fork() == 0) {
            if (read(p[0], &c, 1) != 1)
                exit(1);
            printf("second child, parent pid = %d\n", getppid());
        }
        exit(0);
    }
    waitpid(first, NULL, 0);
    if (write(p[1], &c, 1) != 1)
        exit(1);
    exit(0);
}

int main(void)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    printf("the adopter will be %d\n", getpid());
    fflush(stdout);
    if (fork() == 0)
        original();
    while (wait(NULL) > 0)
        ;
    return 0;
}
