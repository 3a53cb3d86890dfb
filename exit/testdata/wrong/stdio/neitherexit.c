/* Both children call _exit.
   fails: exit-flushes handler-ran was-buffered */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void bye(void) { printf("bye from the handler\n"); }

int main(void)
{
    for (int i = 1; i <= 2; i++) {
        if (fork() == 0) {
            atexit(bye);
            printf("hello from child %d\n", i);
            _exit(0);
        }
        wait(NULL);
    }
    return 0;
}
