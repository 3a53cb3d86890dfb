/* The answer of the book: no wait, and ps by way of system.
   remark: never reaped the child */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t pid;

    if ((pid = fork()) < 0)
        return 1;
    if (pid == 0)
        exit(0);
    sleep(1);
    return system("ps -o pid,ppid,stat,comm") < 0;
}
