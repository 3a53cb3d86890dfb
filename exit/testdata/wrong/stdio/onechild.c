/* Forgets the child that calls _exit.
   fails: _exit-loses was-buffered normal-ends */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(void) { puts("the handler"); }

int main(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        atexit(handler);
        puts("the buffered line");
        exit(0);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
