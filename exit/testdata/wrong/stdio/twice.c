/* Registers the handler in the parent and again in the child: it
   runs twice.
   fails: handler-ran was-buffered */
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
        end(0);
    }
    waitpid(pid, NULL, 0);
}

int main(void)
{
    atexit(handler);
    child(exit);
    child(_exit);
    _exit(0);
}
