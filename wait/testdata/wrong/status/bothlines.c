/* Prints both lines for each child, without asking which one is true.
   fails: said-right */
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
        wait(&status);
        printf("normal termination, exit status = %d\n", WEXITSTATUS(status));
        printf("abnormal termination, signal number = %d\n", WTERMSIG(status));
        fflush(stdout);
    }
    return 0;
}
