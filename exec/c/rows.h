/* The tables of keeps and resets. Each row has a child of its own,
   which sets a value, prints the files of /proc, and executes cat,
   which prints them again. */
#ifndef ROWS_H
#define ROWS_H

#include "common.h"

#include <stdbool.h>
#include <signal.h>

enum { TEXT = 1 << 17 };

/* What the child wrote before the exec, and cat after it. */
struct texts {
    char before[TEXT], after[TEXT];
};

static struct texts texts;

/* Writes the text of a file to a descriptor. */
static inline void copy_file(const char *path, int to)
{
    char b[4096];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n;

    while (fd >= 0 && (n = read(fd, b, sizeof b)) > 0)
        check(write(to, b, (size_t)n) != n, "write");
    close(fd);
}

static inline void print_row(const char *name, const char *before,
                      const char *after)
{
    printf("%-26s%-24s%s\n", name, before, after);
}

/* Whether a value could not be set. */
static bool some_not_set;

/* Ends the program: with status 2 if a value could not be set. */
static inline int rows_end(const char *experiment)
{
    fflush(stdout);
    if (some_not_set)
        cannot(experiment, "not all of these values can be set "
               "here: run it as root, outside of a container");
    return 0;
}

/* The exit status of a child that cannot set its value. */
enum { CANNOT_SET = 99 };

/* Ends a child that cannot set its value. */
static inline void can_set(bool is_set)
{
    if (!is_set) {
        printf("%s", errno_name(errno));
        fflush(stdout);
        _exit(CANNOT_SET);
    }
}

/* Makes the child of a row, which has a pipe as its standard
   output. Returns the read end in the parent, -1 in the child. */
static inline int row_child(pid_t *pid, void (*set)(void))
{
    int fd[2], null;

    check(pipe2(fd, O_CLOEXEC) < 0, "pipe2");
    if ((*pid = do_fork()) == 0) {
        null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        dup2(fd[1], STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        if (set)
            set();
        return -1;
    }
    close(fd[1]);
    return fd[0];
}

/* Reads what the child and its new program wrote. Is false, and
   prints why, if the value cannot be set here. */
static inline bool row_text(const char *name, int fd, pid_t pid,
                            int *status)
{
    static char all[TEXT];
    size_t have = 0;
    ssize_t got;
    char *middle, why[64];

    while ((got = read(fd, all + have, TEXT - 1 - have)) > 0)
        have += (size_t)got;
    close(fd);
    *status = reap(pid);
    all[have] = '\0';
    if (WIFEXITED(*status) && WEXITSTATUS(*status) == CANNOT_SET) {
        snprintf(why, sizeof why, "cannot be set: %.40s", all);
        print_row(name, why, "-");
        some_not_set = true;
        return false;
    }
    strcpy(texts.before, all);
    middle = all + strlen(all) + 1;
    strcpy(texts.after, middle < all + have ? middle : "");
    return true;
}

/* Makes the child of a row, which prints the files of /proc before
   and after the exec. files ends with NULL. */
static inline bool run_row(const char *name, void (*set)(void),
                           const char *const files[])
{
    char *argv[16] = { "cat" };
    int n = 1, status;
    pid_t pid;
    int fd = row_child(&pid, set);

    if (fd < 0) {
        for (int i = 0; files[i]; i++) {
            copy_file(files[i], STDOUT_FILENO);
            argv[n++] = (char *)files[i];
        }
        check(write(STDOUT_FILENO, "", 1) != 1, "write");
        execvp("cat", argv);
        failed("execvp");
    }
    return row_text(name, fd, pid, &status);
}

/* The name of a signal that ends a row's program. */
static inline const char *signal_name(int sig)
{
    return sig == SIGALRM ? "SIGALRM"
        : sig == SIGVTALRM ? "SIGVTALRM"
        : sig == SIGPROF ? "SIGPROF" : "a signal";
}

/* Makes the child of a row whose value /proc does not show: now
   tells it before the exec, and the program prints it, or ends by
   a signal. */
static inline void run_program(const char *name, void (*set)(void),
                               const char *(*now)(void),
                               char *argv[])
{
    char end[64];
    pid_t pid;
    int status, fd = row_child(&pid, set);

    if (fd < 0) {
        check(write(STDOUT_FILENO, now(), strlen(now()) + 1) < 0,
              "write");
        execvp(argv[0], argv);
        failed("execvp");
    }
    if (!row_text(name, fd, pid, &status))
        return;
    texts.after[strcspn(texts.after, "\n")] = '\0';
    snprintf(end, sizeof end, "it ends by %s (%d)",
             signal_name(WTERMSIG(status)), WTERMSIG(status));
    print_row(name, texts.before,
              WIFSIGNALED(status) ? end : texts.after);
}

/* The value of a line of status. */
static inline const char *line_of(const char *text,
                                  const char *name)
{
    static char value[2][64];
    static int which;
    char *v = value[which ^= 1];
    const char *p;
    char key[40];

    snprintf(key, sizeof key, "\n%s:", name);
    v[0] = '\0';
    if ((p = strstr(text, key)))
        sscanf(p + strlen(key), " %63[^\n]", v);
    return v;
}

/* A field of stat, counted from 1. */
static inline const char *field_of(const char *text, int n)
{
    static char value[2][32];
    static int which;
    char *v = value[which ^= 1];
    const char *p = strchr(text, ')');

    v[0] = '\0';
    if (n == 1) {
        sscanf(text, "%31s", v);
        return v;
    }
    for (p = p ? p + 1 : text; n >= 3 && *p; n--) {
        p += strspn(p, " ");
        sscanf(p, "%31s", v);
        p += strcspn(p, " \n");
    }
    return v;
}

#endif
