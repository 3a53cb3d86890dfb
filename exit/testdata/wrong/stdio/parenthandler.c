/* Registers the handler in the parent, which ends with return: it runs there as well.
   fails: as-asked */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(void) { puts("the handler"); }

static void child(void (*end)(int))
{
    pid_t pid = fork();

    if (pid == 0) {
        puts("the buffered line");
        end(0);
    }
    waitpid(pid, NULL, 0);
}

int main(void)
{
    if (atexit(handler) != 0)
        return 1;
    child(exit);
    child(_exit);
    return 0;
}
