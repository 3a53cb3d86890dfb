/* Figure 8.31: processor time in clock ticks. --more: whose time
   counts, what an exec keeps, the return value. --words: without
   numbers. */
#include "common.h"

#include <sys/times.h>

#define ENOUGH 20 /* clock ticks that a child computes */

static int in_words;

/* The processor time of the children that have been waited for. */
static long of_children(void)
{
    struct tms t;

    times(&t);
    return t.tms_cutime + t.tms_cstime;
}

static long own(void)
{
    struct tms t;

    times(&t);
    return t.tms_utime + t.tms_stime;
}

static void compute(void)
{
    while (used_ms() < 10 * (ENOUGH + 1))
        ;
}

/* The number, or the word for it, in one of four places. */
static const char *ticks(long n)
{
    static char text[4][32];
    static int i;
    char *place = text[i++ % 4];

    snprintf(place, sizeof text[0], "%ld", n);
    return !in_words ? place : n < ENOUGH / 2 ? "next to nothing"
        : "the time computed";
}

static pid_t worker(void)
{
    pid_t pid = do_fork();

    if (pid == 0) {
        compute();
        _exit(0);
    }
    return pid;
}

static void careful(void) { reap(worker()); }
static void careless(void) { until_zombie(worker()); }

static void ignores(void)
{
    int status;

    signal(SIGCHLD, SIG_IGN);
    waitpid(worker(), &status, 0); /* ECHILD, when it has ended */
    say("a child with SIGCHLD ignored: %s", ticks(of_children()));
}

static void executes(void)
{
    compute();
    say("own time: %s", ticks(own()));
    execl("/bin/sh", "sh", "-c", "echo after the exec", (char *)0);
    check(1, "execl");
}

static void grown(const char *what, void (*how)(void))
{
    long before = of_children();

    in_child(how);
    say("%s: %s", what, ticks(of_children() - before));
}

static void more(void)
{
    struct timespec t = { 0, 200000000 };
    struct tms unused;
    clock_t before;

    grown("a grandchild that was reaped", careful);
    grown("a grandchild that was not reaped", careless);
    in_child(ignores);
    in_child(executes);
    before = times(&unused);
    nanosleep(&t, NULL);
    say("a sleep of 0.2 s took: %s",
        ticks(times(&unused) - before));
}

/* Prints real time and processor time of commands. */
static void commands(void)
{
    static const char *command[] = { "sleep 0.5",
        "while :; do :; done & sleep 0.5; kill $!" };
    struct tms start, end;
    clock_t before, after;
    pid_t pid;

    for (int i = 0; i < 2; i++) {
        before = times(&start);
        if ((pid = do_fork()) == 0) {
            execl("/bin/sh", "sh", "-c", command[i], (char *)0);
            check(1, "execl");
        }
        reap(pid);
        after = times(&end);
        printf("%s: real: ", command[i]);
        if (in_words && after - before >= 50)
            printf("0.5 s or more");
        else
            printf("%ld", (long)(after - before));
        say(", processor: %s",
            ticks(end.tms_cutime + end.tms_cstime
                  - start.tms_cutime - start.tms_cstime));
    }
}

int main(int argc, char *argv[])
{
    long before, dead;
    pid_t pid;

    in_words = option(argc, argv, "words");
    if (option(argc, argv, "commands")) {
        commands();
        return 0;
    }
    if (option(argc, argv, "more")) {
        more();
        return 0;
    }
    before = of_children();
    pid = worker();
    until_zombie(pid);
    dead = of_children();
    reap(pid);
    say("before = %s, dead = %s, waited = %s", ticks(before),
        ticks(dead), ticks(of_children()));
    return 0;
}
