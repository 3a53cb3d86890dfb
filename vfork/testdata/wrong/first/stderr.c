/* The child writes to standard error.
   fails: child-first */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    if (vfork() == 0)
        _exit(write(STDERR_FILENO, "child\n", 6) != 6);
    return write(STDOUT_FILENO, "parent\n", 7) != 7;
}
