/* The second child prints who will adopt it, while the first one
   is still there.
   fails: saw-it */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t next = getppid(), first;
    int p[2], over[2];
    char c;

    if (pipe(p) < 0 || pipe(over) < 0)
        return 1;
    if ((first = fork()) == 0) {
        pid_t me = getpid();

        if (fork() == 0) {
            printf("second child, parent pid = %ld\n", (long)next);
            fflush(stdout);
            if (write(p[1], "x", 1) != 1)
                exit(1);
            while (getppid() == me)
                usleep(500);
            close(over[1]);
            exit((int)read(over[0], &c, 1)); /* when the original ends: 0 */
        }
        if (read(p[0], &c, 1) != 1) /* it has printed */
            exit(1);
        exit(0);
    }
    waitpid(first, NULL, 0);
    return 0;
}
