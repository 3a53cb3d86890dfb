/* What several programs of this folder use. */
#ifndef COMMON_H
#define COMMON_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A user id, and a group id, that no account has. */
#define UNUSED_ID 7000001

/* Ends the process with the error of a call that failed. */
static inline void check(int failed, const char *call)
{
    if (failed) {
        perror(call);
        _exit(1);
    }
}

/* Ends the program with exit status 2 and one sentence: what it
   cannot do, and what to do. */
static inline void cannot(const char *experiment, const char *why)
{
    fprintf(stderr, "system %s: %s\n", experiment, why);
    _exit(2);
}

/* Gives the caller the nice value 0, so that there is room above
   it. Without privilege it stays, and most is the highest one that
   is low enough. */
static inline void from_zero(const char *experiment, int most)
{
    int start = getpriority(PRIO_PROCESS, 0);

    if (start == 0 || setpriority(PRIO_PROCESS, 0, 0) == 0)
        return;
    if (start > most) {
        fprintf(stderr, "system %s: the nice value is %d here, and "
                "only root can lower it: start it from a shell "
                "where it is at most %d\n", experiment, start, most);
        _exit(2);
    }
}

/* The place of the option -NAME or --NAME in argv, 0 if it was not
   given. */
static inline int option(int argc, char *argv[], const char *name)
{
    for (int i = 1; i < argc; i++)
        if (argv[i][0] == '-'
            && strcmp(argv[i] + 1 + (argv[i][1] == '-'), name) == 0)
            return i;
    return 0;
}

/* Prints a line and flushes it. */
__attribute__((format(printf, 1, 2)))
static inline void say(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
}

static inline pid_t do_fork(void)
{
    pid_t pid = fork();

    check(pid < 0, "fork");
    return pid;
}

/* Waits for the child and returns its termination status. */
static inline int reap(pid_t pid)
{
    int status;

    check(waitpid(pid, &status, 0) != pid, "waitpid");
    return status;
}

/* Has a child do something, and waits for it. */
static inline void in_child(void (*what)(void))
{
    pid_t pid = do_fork();

    if (pid == 0) {
        what();
        _exit(0);
    }
    reap(pid);
}

/* Returns when the child is a zombie, and does not reap it. */
static inline void until_zombie(pid_t pid)
{
    siginfo_t info;

    check(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) < 0,
          "waitid");
}

/* The words of Figure 8.5. */
static inline const char *ended(int status)
{
    static char text[80];

    if (WIFEXITED(status))
        snprintf(text, sizeof text, "normal termination, "
                 "exit status = %d", WEXITSTATUS(status));
    else
        snprintf(text, sizeof text, "abnormal termination, "
                 "signal number = %d%s", WTERMSIG(status),
                 WCOREDUMP(status) ? " (core file generated)" : "");
    return text;
}

/* Whether a call succeeded, or its error in small letters. */
static inline const char *result(int failed)
{
    static char text[80];

    if (!failed)
        return "succeeds";
    snprintf(text, sizeof text, "%s", strerror(errno));
    text[0] |= 0x20;
    return text;
}

static inline long long nanoseconds(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* Computes for so many milliseconds of real time. */
static inline void compute_for(long ms)
{
    long long end = nanoseconds(CLOCK_MONOTONIC) + ms * 1000000LL;

    while (nanoseconds(CLOCK_MONOTONIC) < end)
        ;
}

/* The processor time of the caller in milliseconds. */
static inline long used_ms(void)
{
    return nanoseconds(CLOCK_PROCESS_CPUTIME_ID) / 1000000;
}

/* The processor time, in milliseconds, that the kernel keeps of a
   zombie. */
static inline long zombie_ms(pid_t pid)
{
    char path[64];
    long long ns = 0;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/schedstat", (int)pid);
    if ((f = fopen(path, "r")) != NULL) {
        if (fscanf(f, "%lld", &ns) != 1)
            ns = 0;
        fclose(f);
    }
    return (long)(ns / 1000000);
}

/* Confines the caller, and the children that it makes from then
   on, to the first processor that it may use. */
static inline void one_processor(void)
{
    cpu_set_t may, one;
    int cpu = 0;

    check(sched_getaffinity(0, sizeof may, &may) < 0, "affinity");
    while (!CPU_ISSET(cpu, &may))
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    check(sched_setaffinity(0, sizeof one, &one) < 0, "affinity");
}

/* A gate is a pipe: a process that waits at it goes on when all
   others have closed its write end. */
static inline void gate_wait(int gate[2])
{
    char byte;

    close(gate[1]);
    check(read(gate[0], &byte, 1) < 0, "read");
    close(gate[0]);
}

static inline void gate_open(int gate[2])
{
    close(gate[0]);
    close(gate[1]);
}

/* Gives the calling child, for good, a user id that no account
   has. Returns whether it was allowed to. */
static inline int become_unused(int id)
{
    return setgroups(0, NULL) == 0 && setresgid(id, id, id) == 0
        && setresuid(id, id, id) == 0;
}

#endif
