/* The child still runs when the parent looks and ends.
   fails: was-zombie as-asked */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    if (fork() == 0) {
        usleep(300000);
        _exit(0);
    }
    return system("ps -o pid,ppid,stat,comm >/dev/null") < 0;
}
