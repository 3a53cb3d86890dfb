/* A signal instead of _exit: nothing is flushed, but that is no normal end.
   fails: normal-ends */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(void) { puts("the handler"); }

int main(void)
{
    pid_t pid;

    if ((pid = fork()) == 0) {
        atexit(handler);
        puts("the buffered line");
        exit(0);
    }
    waitpid(pid, NULL, 0);
    if ((pid = fork()) == 0) {
        atexit(handler);
        puts("the lost line");
        raise(SIGKILL);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
