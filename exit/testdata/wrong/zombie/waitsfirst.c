/* The parent is in wait already when the child ends.
   fails: was-zombie as-asked */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int status;

    if (fork() == 0) {
        sleep(1);
        _exit(3);
    }
    wait(&status);
    printf("collected, status %#x\n", status);
    return 0;
}
