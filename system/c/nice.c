/* Figure 8.30: two processes on one processor, one of them nicer.
   --ms: the processor times. --weights: 5, 10 and 19 against 0. */
#include "common.h"

static int in_ms;

/* The processor time, or the word for it as a part of all. */
static const char *share(long used, long all)
{
    static char text[32];

    snprintf(text, sizeof text, "%ld ms", used);
    return in_ms ? text : used > all / 2 ? "the larger share"
        : "the smaller share";
}

/* Makes a process that makes another one, nicer by n. They compute
   at the same time, for ms milliseconds, on one processor. */
static void compete(int n, long ms)
{
    int ready[2], gate[2];
    long used, nicer;
    pid_t pid, first = do_fork();

    if (first > 0) {
        reap(first);
        return;
    }
    one_processor();
    check(pipe(ready) < 0 || pipe(gate) < 0, "pipe");
    if ((pid = do_fork()) == 0) {
        errno = 0;
        check(nice(n) == -1 && errno != 0, "nice");
        gate_open(ready);
        gate_wait(gate);
        compute_for(ms);
        _exit(0);
    }
    gate_wait(ready);
    gate_open(gate);
    compute_for(ms + 200); /* longer than the child */
    used = used_ms();
    until_zombie(pid);
    nicer = zombie_ms(pid);
    say("nice +0: %s", share(used, used + nicer));
    say("nice +%d: %s", n, share(nicer, used + nicer));
    reap(pid);
    _exit(0);
}

int main(int argc, char *argv[])
{
    in_ms = option(argc, argv, "ms");
    if (option(argc, argv, "weights")) {
        from_zero("nice", 0);
        compete(5, 500);
        compete(10, 500);
        compete(19, 500);
        return 0;
    }
    from_zero("nice", 19); /* or with the one that it has */
    compete(10, 1100);
    return 0;
}
