/* Another line begins with the same words. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void pr(int s)
{
    if (WIFEXITED(s))
        printf("normal termination, exit status = %d\n", WEXITSTATUS(s));
    else
        printf("abnormal termination, signal number = %d%s\n", WTERMSIG(s),
               WCOREDUMP(s) ? " (core file generated)" : "");
    fflush(stdout);
}

int main(void)
{
    int s;

    puts("normal termination is not the only one:");
    fflush(stdout);
    if (fork() == 0)
        exit(7);
    wait(&s);
    pr(s);
    if (fork() == 0)
        abort();
    wait(&s);
    pr(s);
    if (fork() == 0)
        raise(SIGFPE);
    wait(&s);
    pr(s);
    return 0;
}
