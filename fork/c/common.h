/* What several programs of this folder use. */
#ifndef COMMON_H
#define COMMON_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* Ends the process with the error of a call that failed. */
static inline void check(int failed, const char *call)
{
    if (failed) {
        perror(call);
        _exit(1);
    }
}

/* Prints a line after the role and the pid of the process. */
static inline void say(const char *role, const char *format, ...)
{
    va_list args;

    printf("%s %ld: ", role, (long)getpid());
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
    fflush(stdout); /* so that no child has a copy of it */
}

/* Ends the program with exit status 2 and one sentence: what it
   cannot do, and what to do. */
static inline void cannot(const char *experiment, const char *why)
{
    fprintf(stderr, "fork %s: %s\n", experiment, why);
    _exit(2);
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

#endif
