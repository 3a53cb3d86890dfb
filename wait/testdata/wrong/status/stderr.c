/* Prints to standard error.
   fails: said-right */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void pr(int s)
{
    if (WIFEXITED(s))
        fprintf(stderr, "normal termination, exit status = %d\n", WEXITSTATUS(s));
    else
        fprintf(stderr, "abnormal termination, signal number = %d%s\n", WTERMSIG(s),
               WCOREDUMP(s) ? " (core file generated)" : "");
}

int main(void)
{
    int s;

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
