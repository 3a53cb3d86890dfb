/* Never waits: the first child is a zombie until the original ends.
   fails: first-reaped no-zombie */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int p[2];
    char c;

    if (pipe(p) < 0)
        return 1;
    if (fork() == 0) {
        pid_t parent = getpid();
        if (fork() > 0)
            exit(0);
        while (getppid() == parent)
            usleep(1000);
        printf("second child, parent pid = %d\n", getppid());
        exit(0);
    }
    close(p[1]);
    return read(p[0], &c, 1) != 0; /* until both have ended */
}
