/* Its child waits for a byte from a pipe of which it holds the write
   end open itself.
   limit: 1.1s
   fails: copied direct-once buffered-twice as-asked */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int glob = 6;

int main(void)
{
    int var = 88, p[2];
    char c;
    pid_t pid;

    if (pipe(p) < 0 || write(1, "a write to stdout\n", 18) != 18)
        return 1;
    printf("before fork\n");
    if ((pid = fork()) == 0) {
        glob++;
        var++;
        if (read(p[0], &c, 1) == 1) /* "until the parent is ready" */
            return 1;
    } else {
        close(p[1]); /* this does not end the child's read */
        waitpid(pid, NULL, 0);
    }
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    return 0;
}
