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

/* Ends the process with the error of a call that failed. */
static inline void check(int failed, const char *call)
{
    if (failed) {
        perror(call);
        _exit(1);
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

/* Ids that no account has, user and group. In what is printed they
   are A, B and C. */
#define A 7000001
#define B 7000002
#define C 7000003

/* The name of an id in what is printed, in one of six places. */
static inline const char *letter(id_t id)
{
    static char text[6][16];
    static int i;
    char *place = text[i++ % 6];

    if (id >= A && id <= C)
        snprintf(place, sizeof text[0], "%c", (char)('A' + id - A));
    else
        snprintf(place, sizeof text[0], "%d", (int)id);
    return place;
}

/* The three ids of each kind, and how they are printed. */
struct ids {
    id_t real, effective, saved;
};

static inline struct ids users(void)
{
    uid_t r, e, s;

    getresuid(&r, &e, &s);
    return (struct ids){ r, e, s };
}

static inline struct ids groups(void)
{
    gid_t r, e, s;

    getresgid(&r, &e, &s);
    return (struct ids){ r, e, s };
}

static inline const char *in_words(struct ids id)
{
    static char text[80];

    snprintf(text, sizeof text, "real %s, effective %s, saved %s",
             letter(id.real), letter(id.effective),
             letter(id.saved));
    return text;
}

/* Ends the program if a call failed for want of the capability. */
static inline void needs(int failed, const char *experiment,
                         const char *capability)
{
    if (failed) {
        fprintf(stderr, "setuid %s: it takes %s (%s): run it as "
                "root\n", experiment, capability,
                strerror(errno));
        _exit(2);
    }
}

/* Has a child do something, and waits for it. A child that ends
   with exit status 2 has said what it cannot do. */
static inline void in_child(void (*what)(void))
{
    pid_t pid = do_fork();
    int status;

    if (pid == 0) {
        what();
        _exit(0);
    }
    status = reap(pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
        _exit(2);
}

#endif
