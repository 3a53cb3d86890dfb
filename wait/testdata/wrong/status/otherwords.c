/* Prints other words.
   fails: said-right */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int s;

    if (fork() == 0)
        exit(7);
    wait(&s);
    printf("child exited with %d\n", WEXITSTATUS(s));
    fflush(stdout);
    if (fork() == 0)
        abort();
    wait(&s);
    printf("child killed by %d\n", WTERMSIG(s));
    fflush(stdout);
    if (fork() == 0)
        raise(SIGFPE);
    wait(&s);
    printf("child killed by %d\n", WTERMSIG(s));
    return 0;
}
