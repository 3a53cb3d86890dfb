/* prints the raw status word as the exit status
   fails: said-right */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void pr_exit(int status)
{
    if (WIFEXITED(status))
        printf("normal termination, exit status = %d\n", WEXITSTATUS(status));
    else
        printf("abnormal termination, signal number = %d\n", WTERMSIG(status));
    fflush(stdout);
}

static const char *commands[] = { "exit 0", "nosuchcommand", "exit 44", "kill -9 $$" };

int main(void)
{
    for (int i = 0; i < 4; i++) {
        int status = system(commands[i]);

        if (WIFSIGNALED(status))
            pr_exit(status);
        else
            printf("normal termination, exit status = %d\n", status);
        fflush(stdout);
    }
    return 0;
}
