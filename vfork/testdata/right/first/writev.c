/* The child writes with writev to a copy of the descriptor, and a second
   vfork runs another program. */
#include <sys/uio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    struct iovec v[2] = { { "ch", 2 }, { "ild\n", 4 } };
    int copy = dup(STDOUT_FILENO);

    if (vfork() == 0)
        _exit(writev(copy, v, 2) != 6);
    if (write(STDOUT_FILENO, "parent\n", 7) != 7)
        return 1;
    wait(NULL);
    return system(":");
}
