/* The child goes first because the parent reads from a pipe. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int g = 6;

int main(void)
{
    int v = 88, p[2];
    char c;

    if (pipe(p) < 0 || write(STDOUT_FILENO, "unbuffered\n", 11) != 11)
        return 1;
    fputs("buffered\n", stdout);
    switch (fork()) {
    case -1:
        return 1;
    case 0:
        close(p[0]);
        ++g, ++v;
        break;
    default:
        close(p[1]);
        if (read(p[0], &c, 1) != 0) /* until the child's end closes */
            return 1;
    }
    printf("pid = %ld, glob = %d, var = %d\n", (long)getpid(), g, v);
    exit(EXIT_SUCCESS);
}
