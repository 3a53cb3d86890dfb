/* vfork instead of fork: the lost line is in the parent's buffer,
   and so is the handler in its list.
   fails: _exit-loses as-asked
   flags: -Wno-deprecated-declarations */
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
    if ((pid = vfork()) == 0) {
        atexit(handler);
        puts("the lost line");
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
