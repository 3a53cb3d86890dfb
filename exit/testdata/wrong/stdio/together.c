/* Makes the second child before the first is reaped.
   fails: as-asked */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(void) { puts("the handler"); }

static void child(void (*end)(int))
{
    if (fork() == 0) {
        atexit(handler);
        puts("the buffered line");
        end(0);
    }
}

int main(void)
{
    child(exit);
    child(_exit);
    while (wait(NULL) > 0)
        ;
    return 0;
}
