/* wait in three situations. */
#define _GNU_SOURCE
#include "common.h"

int main(void)
{
    int leave, status;
    pid_t me = getpid(), first, second, third, pid;

    if ((first = do_fork()) == 0) { /* ends when the parent waits */
        until_asleep(me);
        _exit(1);
    }
    second = child_until(&leave, 2, 0);

    /* Both are running: this wait blocks until the first one
       ends. */
    check((pid = wait(&status)) < 0, "wait");
    printf("two running:  wait blocked, then returned %ld\n",
           (long)pid);
    pr_exit(status);
    fflush(stdout);

    if ((third = do_fork()) == 0)
        _exit(3);
    until(third, WEXITED);
    check((pid = wait(NULL)) < 0, "wait");
    printf("one a zombie: wait(NULL) returned %ld at once\n",
           (long)pid);

    close(leave);
    reap(second);

    if (wait(&status) < 0)
        printf("no child:     wait failed at once with %s\n",
               errno_name(errno));
    return 0;
}
