/* Figure 8.22 as it stands: no handling of signals
   fails: ignored blocked before-the-fork */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", "sleep 0.4", (char *)0);
        _exit(127);
    }
    waitpid(pid, &status, 0);
    printf("the command ended with 0x%x\n", status);
    return 0;
}
