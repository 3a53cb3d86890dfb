/* Flushes before it ends, to be on the safe side.
   fails: exit-flushes _exit-loses */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(void) { puts("the handler"); }

static void child(void (*end)(int))
{
    pid_t pid = fork();

    if (pid == 0) {
        atexit(handler);
        puts("the buffered line");
        fflush(stdout);
        end(0);
    }
    waitpid(pid, NULL, 0);
}

int main(void)
{
    child(exit);
    child(_exit);
    return 0;
}
