/* The library's system runs a helper. The command is run without it.
   fails: ignored blocked before-the-fork */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int plain(const char *command)
{
    int status = -1;
    pid_t pid = fork();

    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", command, (char *)0);
        _exit(127);
    }
    waitpid(pid, &status, 0);
    return status;
}

int main(void)
{
    if (system("mkdir -p work") != 0)
        return 1;
    printf("the command ended with 0x%x\n", plain("rmdir work; sleep 0.4"));
    return 0;
}
