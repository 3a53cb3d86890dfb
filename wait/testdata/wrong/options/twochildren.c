/* One child is seen stopped, and another one continued.
   fails: as-asked */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t paused(void)
{
    pid_t pid = fork();

    if (pid == 0)
        for (;;)
            pause();
    return pid;
}

int main(void)
{
    int st;
    pid_t a = paused(), b = paused();

    printf("%d\n", (int)waitpid(a, &st, WNOHANG));
    kill(a, SIGSTOP);
    waitpid(a, &st, WUNTRACED);
    printf("stopped %d\n", WIFSTOPPED(st));
    kill(a, SIGKILL);
    waitpid(a, &st, 0);
    kill(b, SIGSTOP);
    sleep(1); /* /proc does not tell a stop from one of a tracer */
    kill(b, SIGCONT);
    waitpid(b, &st, WCONTINUED);
    printf("continued %d\n", WIFCONTINUED(st));
    kill(b, SIGKILL);
    waitpid(b, &st, 0);
    return 0;
}
