/* §8.5: exit flushes and calls handlers, _exit does neither. */
#define _GNU_SOURCE
#include "common.h"

static const char *name;

static void handler(void)
{
    printf("exit handler of %s\n", name);
}

/* Makes a child that leaves a line in the buffer and calls end, and
   reaps it. */
static void child(void (*end)(int), const char *who)
{
    pid_t pid = do_fork();

    if (pid == 0) {
        name = who;
        check(atexit(handler) != 0, "atexit");
        printf("buffered line of %s\n", name);
        end(0);
    }
    reap(pid);
}

int main(void)
{
    child(exit, "the child that calls exit");
    child(_exit, "the child that calls _exit");
    return 0;
}
