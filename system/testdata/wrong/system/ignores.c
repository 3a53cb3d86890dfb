/* With SIGCHLD ignored the wait in system finds no child. */
/* fails: by-pid said-right */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

static void run(const char *command)
{
    int status = system(command);

    if (WIFEXITED(status))
        printf("normal termination, exit status = %d\n",
               WEXITSTATUS(status));
    else
        printf("abnormal termination, signal number = %d\n",
               WTERMSIG(status));
}

int main(void)
{
    signal(SIGCHLD, SIG_IGN);
    run("exit 0");
    run("nosuchcommand");
    run("exit 44");
    run("kill -9 $$");
    return 0;
}
