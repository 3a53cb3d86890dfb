/* The original waits for the second child, which is not its own,
   and does not look at what waitpid returns.
   fails: first-reaped no-zombie */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int p[2], q[2];
    pid_t second;
    char c;

    if (pipe(p) < 0 || pipe(q) < 0)
        return 1;
    if (fork() == 0) {
        pid_t parent = getpid();
        close(q[0]);
        second = fork();
        if (second > 0) {
            if (write(p[1], &second, sizeof second) < 0)
                exit(1);
            exit(0);
        }
        while (getppid() == parent)
            usleep(1000);
        printf("second child, parent pid = %d\n", getppid());
        exit(0);
    }
    close(q[1]);
    if (read(p[0], &second, sizeof second) < 0)
        return 1;
    waitpid(second, NULL, 0);
    return read(q[0], &c, 1) != 0; /* until both have ended */
}
