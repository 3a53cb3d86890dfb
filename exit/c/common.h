/* What several programs of this folder use. */
#ifndef COMMON_H
#define COMMON_H

#include <signal.h>
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

/* Ends the program with exit status 2 and one sentence: what it
   cannot do, and what to do. */
static inline void cannot(const char *experiment, const char *why)
{
    fprintf(stderr, "exit %s: %s\n", experiment, why);
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

/* Returns when the child is a zombie, and does not reap it. */
static inline void until_zombie(pid_t pid)
{
    siginfo_t info;

    check(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) < 0,
          "waitid");
}

/* The text of a file of /proc/PID, "" if it cannot be read. */
static inline const char *proc_file(pid_t pid, const char *name)
{
    static char path[64], text[8192];
    size_t n = 0;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    if ((f = fopen(path, "r")) != NULL) {
        n = fread(text, 1, sizeof text - 1, f);
        fclose(f);
    }
    text[n] = '\0';
    return text;
}

/* Whether the process has an address space. */
static inline int has_memory(pid_t pid)
{
    return strstr(proc_file(pid, "status"), "VmSize:") != NULL;
}

#endif
