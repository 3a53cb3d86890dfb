/* What several programs of this folder use. */
#ifndef COMMON_H
#define COMMON_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

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
    fflush(stdout);
}

/* Ends the program with exit status 2 and one sentence: what it
   cannot do, and what to do. */
static inline void cannot(const char *experiment, const char *why)
{
    fprintf(stderr, "exec %s: %s\n", experiment, why);
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
    pid_t pid;

    fflush(stdout);
    pid = fork();
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

/* Ends a child whose exec has failed, with the exit status that a
   shell has for it: 127 if there is no such file, else 126. */
static inline void failed(const char *call)
{
    int status = errno == ENOENT ? 127 : 126;

    perror(call);
    _exit(status);
}

/* The name of an error number that these programs expect. */
static inline const char *errno_name(int n)
{
    switch (n) {
    case 0: return "success";
    case EPERM: return "EPERM";
    case ENOENT: return "ENOENT";
    case E2BIG: return "E2BIG";
    case ENOEXEC: return "ENOEXEC";
    case EAGAIN: return "EAGAIN";
    case EACCES: return "EACCES";
    case EFAULT: return "EFAULT";
    case ETXTBSY: return "ETXTBSY";
    case ENOTDIR: return "ENOTDIR";
    case EINVAL: return "EINVAL";
    case ELOOP: return "ELOOP";
    case ENAMETOOLONG: return "ENAMETOOLONG";
    }
    return strerror(n);
}

/* The pathname of this program. */
static inline const char *self(void)
{
    static char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);

    check(n < 0, "/proc/self/exe");
    path[n] = '\0';
    return path;
}

static char folder[PATH_MAX]; /* of new_folder */

/* The pathname of a file in the folder. */
static inline const char *in_folder(const char *name)
{
    static char path[PATH_MAX + 256];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* Makes a folder. */
static inline void new_folder(void)
{
    const char *tmp = getenv("TMPDIR");

    snprintf(folder, sizeof folder, "%s/apue-exec-%ld",
             tmp ? tmp : "/tmp", (long)getpid());
    check(mkdir(folder, 0700) < 0, folder);
}

/* Gives this program another name in the folder. */
static inline const char *link_self(const char *name)
{
    check(symlink(self(), in_folder(name)) < 0, name);
    return in_folder(name);
}

/* Makes a file with this text and mode. */
static inline void write_file(const char *path, const char *text,
                              mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                  0600);
    ssize_t n = (ssize_t)strlen(text);

    check(fd < 0 || write(fd, text, (size_t)n) != n, path);
    check(fchmod(fd, mode) < 0, path);
    close(fd);
}

/* Prints the status of a child as pr_exit of Figure 8.5 does. */
static inline void say_status(const char *role, int status)
{
    if (WIFEXITED(status))
        say(role, "normal termination, exit status = %d",
            WEXITSTATUS(status));
    else
        say(role, "abnormal termination, signal number = %d",
            WTERMSIG(status));
}

/* Figure 8.17: prints the arguments and the environment, if this
   program was executed as echoall or without an argument. */
static inline void echoall_if_asked(int argc, char *argv[])
{
    const char *base = argc == 0 ? "" : strrchr(argv[0], '/');

    base = base && *base ? base + 1 : argc == 0 ? "" : argv[0];
    if (*base && strcmp(base, "echoall") != 0)
        return;
    for (int i = 0; i < argc; i++)
        printf("argv[%d]: %s\n", i, *argv[i] ? argv[i] : "\"\"");
    for (char **e = environ; *e; e++)
        printf("%s\n", *e);
    exit(0);
}

#endif
