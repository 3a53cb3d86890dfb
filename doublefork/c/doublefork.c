/* Figure 8.8: a grandchild that is adopted. --book: it sleeps, as
   in the book. */
#define _GNU_SOURCE
#include "common.h"

static void first_child(int book, int ready)
{
    if (do_fork() > 0)
        exit(0); /* the parent of the second child ends */

    /* This is the second child, which will be an orphan. */
    if (book)
        sleep(2);
    else
        receive(ready);
    printf("second child, parent pid = %ld\n", (long)getppid());
    exit(0);
}

int main(int argc, char **argv)
{
    int book = option(argc, argv, "book");
    int ready[2]; /* from the original to the second child */
    pid_t pid;

    if (pipe(ready) < 0)
        fail("pipe");
    if ((pid = do_fork()) == 0) {
        close(ready[1]);
        first_child(book, ready[0]);
    }

    /* The original reaps the first child. It has no other child. */
    if (waitpid(pid, NULL, 0) != pid)
        fail("waitpid");
    if (waitpid(-1, NULL, 0) < 0 && errno == ECHILD)
        printf("original, no other child to wait for\n");
    fflush(stdout);
    if (write(ready[1], "\1", 1) != 1)
        fail("write");
    exit(0);
}
