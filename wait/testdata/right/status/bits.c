/* Takes the word apart by hand, and polls for it. */
#define _DEFAULT_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int status = 0;

    for (int i = 0; i < 3; i++) {
        fflush(stdout);
        pid_t pid = fork();
        if (pid == 0) {
            if (i == 0)
                exit(7);
            if (i == 1)
                abort();
            raise(SIGFPE);
        }
        while (waitpid(pid, &status, WNOHANG) == 0)
            usleep(100);
        if ((status & 0x7f) == 0)
            printf("normal termination, exit status = %d\n", status >> 8 & 0xff);
        else
            printf("abnormal termination, signal number = %d%s\n", status & 0x7f,
                   status & 0x80 ? " (core file generated)" : "");
    }
    return 0;
}
