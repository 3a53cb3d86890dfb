/* Flushes the line in the child that ends with exit too: it would
   arrive without exit.
   fails: exit-flushes */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void bye(void)
{
    printf("handler\n");
}

int main(void)
{
    atexit(bye);
    if (fork() == 0) {
        printf("with exit\n");
        fflush(stdout);
        exit(0);
    }
    wait(NULL);
    if (fork() == 0) {
        printf("with _exit\n");
        _exit(0);
    }
    wait(NULL);
    _exit(0);
}
