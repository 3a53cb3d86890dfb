/* As byhand, compiled without debug information.
   fails: handler-ran
   flags: -g0 */
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
    if (fork() == 0) {
        printf("with exit\n");
        bye();
        exit(0);
    }
    wait(NULL);
    if (fork() == 0) {
        atexit(bye);
        printf("with _exit\n");
        _exit(0);
    }
    wait(NULL);
    _exit(0);
}
