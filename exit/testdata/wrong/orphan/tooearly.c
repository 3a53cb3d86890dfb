/* The child asks at once, while its parent is still there.
   fails: saw-it */
#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

int main(void)
{
    int p[2];
    char c;

    if (pipe(p) < 0)
        return 1;
    if (fork() == 0) {
        pid_t parent = getppid();

        close(p[0]);
        if (write(p[1], "x", 1) != 1)
            return 1;
        sleep(1);
        printf("parent pid = %d\n", (int)parent);
        return 0;
    }
    close(p[1]);
    if (read(p[0], &c, 1) != 1) /* it has asked */
        return 1;
    return 0;
}
