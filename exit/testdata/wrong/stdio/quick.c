/* quick_exit calls its own handlers, and flushes nothing.
   fails: exit-flushes handler-ran */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void bye(void)
{
    write(1,"bye\n", 4);
}

int main(void)
{
    pid_t p = fork();
    if (!p) {
        at_quick_exit(bye);
        printf("line\n");
        quick_exit(0);
    }
    waitpid(p, 0, 0);
    p = fork();
    if (!p) {
        printf("line\n");
        _exit(0);
    }
    waitpid(p, 0, 0);
    return 0;
}
