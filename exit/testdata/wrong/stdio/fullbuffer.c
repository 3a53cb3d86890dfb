/* Full buffering on a terminal too.
   fails: was-buffered */
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
    setvbuf(stdout, NULL, _IOFBF, BUFSIZ);
    child(_exit);
    child(exit);
    return 0;
}
