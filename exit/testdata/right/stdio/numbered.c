/* The lines differ in a number only, which is no pid. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(void) { printf("line 2 of %ld\n", (long)getpid()); }

int main(void)
{
    for (int i = 0; i < 2; i++) {
        switch (fork()) {
        case -1:
            _exit(1);
        case 0:
            if (atexit(handler))
                _exit(1);
            printf("line 1 of %ld\n", (long)getpid());
            i ? exit(0) : _exit(0);
        }
        wait(NULL);
    }
    _exit(0);
}
