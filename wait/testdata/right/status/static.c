/* Statically linked and optimised, with the division of the book
   where the machine traps it.
   flags: -O2 -static */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int zero;

static int collect(pid_t child)
{
    int st;

    while (waitpid(child, &st, 0) < 0)
        ;
    return st;
}

static void report(int st)
{
    if (WIFSIGNALED(st))
        printf("abnormal termination, signal number = %d", WTERMSIG(st));
    else
        printf("normal termination, exit status = %d", WEXITSTATUS(st));
    puts(WIFSIGNALED(st) && WCOREDUMP(st) ? " (core file generated)" : "");
}

int main(void)
{
    pid_t pid;
    int one, two, three;

    if ((pid = fork()) == 0)
        exit(263); /* 7, and 256 that nobody sees */
    one = collect(pid);
    if ((pid = fork()) == 0)
        abort();
    two = collect(pid);
    if ((pid = fork()) == 0) {
        zero = 1 / zero;
        raise(SIGFPE);
    }
    three = collect(pid);
    report(one);
    report(two);
    report(three);
    return 0;
}
