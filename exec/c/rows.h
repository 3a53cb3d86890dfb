/* The tables of keeps and resets. Each row has a child of its own,
   which sets a value, prints the files of /proc, and executes cat,
   which prints them again. */
#ifndef ROWS_H
#define ROWS_H

#include "common.h"

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

/* Makes the child of a row, and reads what it and cat wrote. files
   ends with NULL. */
static inline void run_row(void (*set)(void),
                           const char *const files[])
{
    static char all[TEXT];
    char *argv[16] = { "cat" }, *middle;
    int fd[2], null, n = 1;
    size_t have = 0;
    ssize_t got;
    pid_t pid;

    check(pipe2(fd, O_CLOEXEC) < 0, "pipe2");
    if ((pid = do_fork()) == 0) {
        if (set)
            set();
        for (int i = 0; files[i]; i++) {
            copy_file(files[i], fd[1]);
            argv[n++] = (char *)files[i];
        }
        check(write(fd[1], "", 1) != 1, "write");
        dup2(fd[1], STDOUT_FILENO);
        null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        dup2(null, STDERR_FILENO);
        execvp("cat", argv);
        failed("execvp");
    }
    close(fd[1]);
    while ((got = read(fd[0], all + have, TEXT - 1 - have)) > 0)
        have += (size_t)got;
    close(fd[0]);
    reap(pid);
    all[have] = '\0';
    strcpy(texts.before, all);
    middle = all + strlen(all) + 1;
    strcpy(texts.after, middle < all + have ? middle : "");
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

static inline void print_row(const char *name, const char *before,
                      const char *after)
{
    printf("%-26s%-24s%s\n", name, before, after);
}

#endif
