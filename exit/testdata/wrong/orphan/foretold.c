/* The child does not ask: it prints who will adopt it, while its
   parent is still there.
   fails: saw-it */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    pid_t next = getppid(), old = getpid();
    int p[2];
    char c;

    if (pipe(p) < 0)
        return 1;
    if (fork() == 0) {
        printf("parent pid = %ld\n", (long)next);
        fflush(stdout);
        if (write(p[1], "x", 1) != 1)
            return 1;
        while (getppid() == old)
            usleep(500);
        return 0;
    }
    if (read(p[0], &c, 1) != 1) /* it has printed */
        return 1;
    return 0;
}
