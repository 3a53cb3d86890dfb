/* One child ends with status 1.
   fails: normal-ends */
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
        _exit(1);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
