/* The end of a pipe is no adoption: a parent may close its end,
   or be closing it, and still be there.
   fails: saw-it */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int p[2], q[2], parent;
    char c;
    pid_t first;

    if (pipe(p) < 0 || pipe(q) < 0)
        return 1;
    first = fork();
    if (first == 0) {
        close(q[1]);
        if (fork() == 0) {
            close(p[1]);
            if (read(p[0], &c, 1) != 0)
                exit(1);
            parent = getppid();
            if (read(q[0], &c, 1) != 1)
                exit(1);
            printf("second child, parent pid = %d\n", parent);
            exit(0);
        }
        close(p[1]);
        sleep(1);
        exit(0);
    }
    close(p[1]);
    waitpid(first, NULL, 0);
    return write(q[1], "g", 1) != 1;
}
