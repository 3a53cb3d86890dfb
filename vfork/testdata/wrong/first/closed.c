/* The child closes standard output first.
   fails: child-first */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    if (vfork() == 0) {
        close(STDOUT_FILENO);
        _exit(write(STDOUT_FILENO, "child\n", 6) != 6);
    }
    return write(STDOUT_FILENO, "parent\n", 7) != 7;
}
