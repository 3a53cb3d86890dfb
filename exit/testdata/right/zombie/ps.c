/* As the book asks: a sleep, and system("ps") to see it. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    char ps[80];
    int status;
    pid_t pid;

    if ((pid = fork()) < 0)
        return 1;
    if (pid == 0)
        exit(0);
    sleep(1);
    snprintf(ps, sizeof ps, "cat /proc/%d/stat", (int)pid);
    if (system(ps) != 0)
        return 1;
    return waitpid(pid, &status, 0) != pid;
}
