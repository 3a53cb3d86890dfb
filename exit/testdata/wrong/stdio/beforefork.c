/* The line is written before the fork: copies of it, and the parent's own.
   fails: was-buffered as-asked */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(void) { puts("the handler"); }

int main(void)
{
    pid_t pid;

    puts("the buffered line");
    if ((pid = fork()) == 0) {
        atexit(handler);
        exit(0);
    }
    waitpid(pid, NULL, 0);
    if ((pid = fork()) == 0) {
        atexit(handler);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
