/* The second child sends SIGABRT to its whole group, and so to its parent.
   races: the parent or the child may die first
   fails: three-deaths collected said-right as-asked */
#define _DEFAULT_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void pr_exit(int status)
{
    if (WIFEXITED(status))
        printf("normal termination, exit status = %d\n", WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        printf("abnormal termination, signal number = %d%s\n", WTERMSIG(status),
               WCOREDUMP(status) ? " (core file generated)" : "");
}

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
                kill(0, SIGABRT);
            raise(SIGFPE);
        }
        wait(&status);
        pr_exit(status);
    }
    return 0;
}
