/* In the book's style: the parent sleeps before it looks. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void my_exit1(void) { printf("first exit handler\n"); }

static void child(void (*end)(int))
{
    pid_t pid;

    if ((pid = fork()) < 0) {
        _exit(1);
    } else if (pid == 0) {
        if (atexit(my_exit1) != 0)
            _exit(1);
        printf("child is done\n");
        end(0);
    }
    usleep(50000);
    if (waitpid(pid, NULL, 0) < 0)
        _exit(1);
}

int main(void)
{
    child(exit);
    child(_exit);
    exit(0);
}
