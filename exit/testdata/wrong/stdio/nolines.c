/* The children print nothing: only the handler's line comes.
   fails: handler-ran was-buffered */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void bye(void)
{
    printf("the handler\n");
}

int main(void)
{
    if (fork() == 0) {
        atexit(bye);
        exit(0);
    }
    wait(NULL);
    if (fork() == 0) {
        atexit(bye);
        _exit(0);
    }
    wait(NULL);
    return 0;
}
