/* Figures 8.5, 8.6: three ways to end, three statuses. */
#define _GNU_SOURCE
#include "common.h"

static void exit7(void) { exit(7); }
static void sigfpe(void) { raise(SIGFPE); }

/* Makes a child that ends in this way, waits for it and prints its
   termination status. */
static void child_that_ends(void (*end)(void))
{
    int status;
    pid_t pid = do_fork();

    if (pid == 0) {
        end();
        _exit(99); /* not reached */
    }
    check(wait(&status) != pid, "wait");
    pr_exit(status);
    fflush(stdout); /* or the next child gets a copy */
}

int main(void)
{
    child_that_ends(exit7);
    child_that_ends(abort);
    child_that_ends(sigfpe);
    return 0;
}
