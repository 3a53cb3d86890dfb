/* The original prints the line for the second child.
   fails: saw-it */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int p[2], q[2];
    char c;
    pid_t first, parent;

    if (pipe(p) < 0 || pipe(q) < 0)
        return 1;
    first = fork();
    if (first == 0) {
        if (fork() == 0) {
            if (read(p[0], &c, 1) != 1)
                exit(1);
            parent = getppid();
            if (write(q[1], &parent, sizeof parent) < 0)
                exit(1);
        }
        exit(0);
    }
    waitpid(first, NULL, 0);
    if (write(p[1], "g", 1) != 1 ||
        read(q[0], &parent, sizeof parent) < 0)
        return 1;
    printf("second child, parent pid = %d\n", parent);
    return 0;
}
