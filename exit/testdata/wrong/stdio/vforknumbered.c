/* vfork, as in usesvfork; the lines differ in a number only.
   fails: _exit-loses as-asked
   flags: -Wno-deprecated-declarations */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(void) { puts("handler"); }

int main(void)
{
    pid_t pid;

    if ((pid = fork()) == 0) {
        atexit(handler);
        puts("line 1");
        exit(0);
    }
    waitpid(pid, NULL, 0);
    if ((pid = vfork()) == 0) {
        atexit(handler);
        puts("line 2");
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
