/* The child prints, and then kills itself.
   fails: as-asked */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    pid_t parent = getpid();

    if (fork() == 0) {
        while (getppid() == parent)
            usleep(1000);
        printf("parent pid = %d\n", (int)getppid());
        fflush(stdout);
        raise(SIGKILL);
    }
    return 0;
}
