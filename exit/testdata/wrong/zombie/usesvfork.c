/* The child is made by vfork.
   fails: was-zombie as-asked */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    if (vfork() == 0)
        _exit(0);
    sleep(1);
    return wait(NULL) < 0;
}
