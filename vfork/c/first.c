/* The child of a vfork runs first, and its parent waits. */
#include "common.h"

#include <time.h>

int main(void)
{
    pid_t pid;

    say("parent", "calls vfork");
    check((pid = vfork()) < 0, "vfork");
    if (pid == 0) {
        struct timespec half = { 0, 500 * 1000 * 1000 };
        say("child", "runs first, for half a second");
        while (nanosleep(&half, &half) < 0)
            ;
        say("child", "calls _exit");
        _exit(0);
    }
    say("parent", "runs again");
    reap(pid);
    return 0;
}
