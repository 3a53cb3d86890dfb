/* wait3 and wait4: what a child has used. --all: other resources
   than processor time. --ms: print numbers. */
#define _GNU_SOURCE
#include "common.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

enum { COMPUTED = 60 };  /* ms that a child computes */
enum { PAGES = 200, SLEEPS = 20, SIGNALS = 5 }; /* with --all */

static int show_ms;

/* The processor time, in user mode and in the kernel. */
static long ms(const struct rusage *u)
{
    return (u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000L
           + (u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1000;
}

/* Prints a line and flushes it, so that the recorder can read /proc
   at that moment. */
static void say(const char *what, const struct rusage *u)
{
    if (show_ms)
        printf("%s: %ld ms\n", what, ms(u));
    else if (ms(u) < COMPUTED / 2)
        printf("%s: almost nothing\n", what);
    else
        printf("%s: the time computed\n", what);
    fflush(stdout);
}

/* Makes a child that does something and exits. */
static pid_t child_that(void (*does)(void))
{
    pid_t pid = do_fork();

    if (pid == 0) {
        does();
        _exit(0);
    }
    return pid;
}

static void compute(void)
{
    struct rusage self;

    do
        getrusage(RUSAGE_SELF, &self);
    while (ms(&self) < COMPUTED);
}

static void boss_waits(void) { reap(child_that(compute)); }

static void boss_does_not_wait(void)
{
    until(child_that(compute), WEXITED);
}

static void handler(int sig) { (void)sig; }

/* Touches pages, sleeps and handles signals. */
static void use_all(void)
{
    size_t size = (size_t)getpagesize();
    struct sigaction act = { .sa_handler = handler };
    char *mem = mmap(NULL, PAGES * size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    check(mem == MAP_FAILED, "mmap");
    /* With huge pages one fault would be enough for many pages. */
    madvise(mem, PAGES * size, MADV_NOHUGEPAGE);
    for (size_t i = 0; i < PAGES; i++)
        mem[i * size] = 1;
    for (int i = 0; i < SLEEPS; i++)
        usleep(1000);
    sigaction(SIGUSR1, &act, NULL);
    for (int i = 0; i < SIGNALS; i++)
        raise(SIGUSR1);
}

static void report(const char *name, int did, long n, int counted)
{
    printf("%-18s %3d   %s\n", name, did,
           counted ? "counted" : "not counted");
    if (show_ms)
        printf("  the kernel says %ld\n", n);
}

static void all_fields(void)
{
    struct rusage fifth, u;
    pid_t pid = child_that(use_all);

    /* The library's waitid has four arguments, and the kernel's a
       fifth. With WNOWAIT the child stays a zombie. */
    check(syscall(SYS_waitid, P_PID, pid, NULL, WEXITED | WNOWAIT,
                  &fifth) < 0, "waitid");
    check(wait4(pid, NULL, 0, &u) < 0, "wait4");
    printf("%-18s did   rusage\n", "the child");
    report("ru_minflt", PAGES, u.ru_minflt, u.ru_minflt >= PAGES);
    report("ru_nvcsw", SLEEPS, u.ru_nvcsw, u.ru_nvcsw >= SLEEPS);
    report("ru_nsignals", SIGNALS, u.ru_nsignals,
           u.ru_nsignals == SIGNALS);
    printf("waitid's fifth argument: %s\n",
           memcmp(&fifth, &u, sizeof u) == 0 ? "the same rusage"
           : "another rusage");
}

int main(int argc, char *argv[])
{
    struct rusage children, usage;
    pid_t pid;

    show_ms = option(argc, argv, "ms");
    if (option(argc, argv, "all")) {
        all_fields();
        return 0;
    }

    /* The worker computes itself. */
    until(child_that(compute), WEXITED);
    getrusage(RUSAGE_CHILDREN, &children);
    say("the worker is a zombie, RUSAGE_CHILDREN", &children);
    check(wait3(NULL, 0, &usage) < 0, "wait3");
    getrusage(RUSAGE_CHILDREN, &children);
    say("the worker is reaped, RUSAGE_CHILDREN", &children);
    say("wait3 said of the worker", &usage);

    /* This boss waits for its child, which computes. */
    check(wait4(child_that(boss_waits), NULL, 0, &usage) < 0,
          "wait4");
    say("wait4 said of the boss that waited", &usage);

    /* This boss does not, although its child ends first. */
    pid = child_that(boss_does_not_wait);
    check(wait4(pid, NULL, 0, &usage) < 0, "wait4");
    say("wait4 said of the boss that did not wait", &usage);
    return 0;
}
