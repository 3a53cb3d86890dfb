/* The parent looks with WNOHANG before it ends.
   fails: as-asked */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t parent = getpid();

    if (fork() == 0) {
        while (getppid() == parent)
            usleep(1000);
        printf("parent pid = %d\n", (int)getppid());
        return 0;
    }
    waitpid(-1, NULL, WNOHANG);
    return 0;
}
