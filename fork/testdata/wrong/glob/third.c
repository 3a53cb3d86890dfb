/* The child has a child of its own that prints too.
   fails: as-asked */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int glob = 6;

int main(void)
{
    int var = 88;
    pid_t pid;

    if (write(1, "a write to stdout\n", 18) != 18)
        return 1;
    printf("before fork\n");
    if ((pid = fork()) == 0) {
        glob++;
        var++;
        if (fork() == 0) {
            if (write(1, "hello\n", 6) != 6)
                _exit(1);
            _exit(0);
        }
        wait(NULL);
    } else {
        waitpid(pid, NULL, 0);
    }
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    return 0;
}
