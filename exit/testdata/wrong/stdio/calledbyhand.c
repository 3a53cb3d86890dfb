/* Calls the handler itself and then _exit, instead of exit.
   fails: exit-flushes handler-ran */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(void) { puts("the handler"); }

int main(void)
{
    pid_t pid;

    if ((pid = fork()) == 0) {
        puts("the buffered line");
        handler();
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    if ((pid = fork()) == 0) {
        puts("the lost line");
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
