/* The child writes with dprintf, without a buffer. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    if (vfork() == 0) {
        dprintf(STDOUT_FILENO, "child of %d\n", (int)getppid());
        _exit(0);
    }
    dprintf(STDOUT_FILENO, "parent\n");
    wait(NULL);
    return 0;
}
