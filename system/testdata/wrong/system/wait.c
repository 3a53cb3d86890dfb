/* waits for any child, while another one is about
   fails: by-pid */
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
    int hold[2];

    if (pipe(hold) < 0)
        return 1;
    if (fork() == 0) { /* a helper, which ends with its parent */
        char byte;

        close(hold[1]);
        return read(hold[0], &byte, 1) != 0;
    }
    for (int i = 0; i < 4; i++) {
        int status;
        pid_t pid = fork();

        if (pid == 0) {
            close(hold[1]);
            execl("/bin/sh", "sh", "-c", commands[i], (char *)0);
            _exit(127);
        }
        while (wait(&status) != pid)
            ;
        pr_exit(status);
    }
    return 0;
}
