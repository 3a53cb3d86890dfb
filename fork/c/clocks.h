/* How the rows of differ spend and read processor time. */
#ifndef CLOCKS_H
#define CLOCKS_H

#include "common.h"

#include <sys/random.h>
#include <sys/times.h>

/* The four times, and how many ticks of one a parent spends. */
enum { UTIME, STIME, CUTIME, CSTIME, SPENT = 3 };

static long now(int clock)
{
    struct tms t;

    check(times(&t) == (clock_t)-1, "times");
    return clock == UTIME ? t.tms_utime
        : clock == STIME ? t.tms_stime
        : clock == CUTIME ? t.tms_cutime : t.tms_cstime;
}

static volatile int counted;
static char buffer[1 << 20];

static void work(int clock)
{
    if (clock == UTIME) { /* in user mode */
        for (int i = 0; i < 100000; i++)
            counted++;
    } else { /* in the kernel, which fills a buffer */
        check(getrandom(buffer, sizeof buffer, 0) < 0, "getrandom");
    }
}

/* Uses the processor until the clock has advanced by SPENT. */
static void spend(int clock)
{
    long start = now(clock);

    while (now(clock) - start < SPENT)
        work(clock);
}

/* Does it in a child, and reaps the child. */
static void spend_in_child(int clock)
{
    pid_t pid = do_fork();

    if (pid == 0) {
        spend(clock);
        _exit(0);
    }
    reap(pid);
}

/* Says what the clock shows. A child may have used a tick before
   it looks. */
static void ticks(char *v, int clock)
{
    long n = now(clock);

    if (n <= 1)
        strcpy(v, "1 tick at most");
    else if (n < SPENT)
        sprintf(v, "%ld", n);
    else
        sprintf(v, "%d ticks or more", SPENT);
}

static int set_utime(void) { return spend(UTIME), 0; }
static int set_stime(void) { return spend(STIME), 0; }
static int set_cutime(void) { return spend_in_child(UTIME), 0; }
static int set_cstime(void) { return spend_in_child(STIME), 0; }
static void get_utime(char *v) { ticks(v, UTIME); }
static void get_stime(char *v) { ticks(v, STIME); }
static void get_cutime(char *v) { ticks(v, CUTIME); }
static void get_cstime(char *v) { ticks(v, CSTIME); }

#endif
