/* The children inherit the handler; the parent takes _exit, so
   that it does not run there. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(void) { printf("handler in %ld\n", (long)getpid()); }

int main(void)
{
    if (atexit(handler))
        _exit(1);
    for (int i = 0; i < 2; i++) {
        switch (fork()) {
        case -1:
            _exit(1);
        case 0:
            printf("child %d\n", i);
            i ? exit(EXIT_SUCCESS) : _exit(0);
        }
        wait(NULL);
    }
    _exit(0);
}
