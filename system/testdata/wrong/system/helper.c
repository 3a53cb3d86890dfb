/* A helper before, and a command is missing.
   fails: shells statuses by-pid said-right as-asked */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void pr_exit(int status)
{
    if (WIFEXITED(status))
        printf("normal termination, exit status = %d\n",
               WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        printf("abnormal termination, signal number = %d\n",
               WTERMSIG(status));
    fflush(stdout);
}

static int run(const char *command)
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
    pr_exit(run("exit 0"));
    pr_exit(run("nosuchcommand"));
    pr_exit(run("kill -9 $$"));
    return 0;
}
