/* The children run on in the loop: 2 to the power of n processes.
   races
   fails: as-asked */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t c[4];
    int s;

    for (int i = 0; i < 4; i++)
        c[i] = fork();
    if (c[3] == 0) {
        usleep(100000);
        exit(3);
    }
    setpgid(c[2], c[2]);
    setpgid(c[3], c[2]);
    waitpid(c[1], &s, 0);
    waitpid(-c[2], &s, 0);
    waitpid(0, &s, 0);
    while (waitpid(-1, &s, 0) > 0)
        ;
    return 0;
}
