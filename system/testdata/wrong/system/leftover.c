/* leaves a process running
   fails: as-asked
   limit: 7s */
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
    if (fork() == 0) /* nobody ends this one */
        for (;;)
            pause();
    for (int i = 0; i < 4; i++) {
        int status;
        pid_t pid = fork();

        if (pid == 0) {
            execl("/bin/sh", "sh", "-c", commands[i], (char *)0);
            _exit(127);
        }
        waitpid(pid, &status, 0);
        pr_exit(status);
    }
    return 0;
}
