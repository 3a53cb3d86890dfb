/* The table that inherit and differ print. Each row has a parent
   and a child of its own. */
#ifndef TABLE_H
#define TABLE_H

#include "common.h"

#include <errno.h>
#include <fcntl.h>

#define COLUMNS "%-26s%-22s%s\n"

/* One row. The parent sets an unusual value, then both processes
   look which value they have. */
struct attribute {
    const char *name;
    int (*set)(void);         /* in the parent, before the fork; 0
                                 if the value could be set */
    void (*get)(char *value); /* in the child, then in the parent */
    void (*ready)(void);      /* in the parent, before get */
    void (*then)(void);       /* in the child, after get */
};

static pid_t returned; /* what fork returned */

/* The child waits until it may look, writes what it finds, and
   ends when the row is printed. */
static void child(const struct attribute *a, int found, int look)
{
    char c, value[256];

    check(read(look, &c, 1) != 1, "read");
    a->get(value);
    check(write(found, value, strlen(value)) < 0, "write");
    if (a->then)
        a->then();
    close(found);
    check(read(look, &c, 1) != 0, "read");
    _exit(0);
}

/* Sets the value, forks and prints the row. It runs in the parent.
   It returns 0 if the value could be set. */
static int row(const struct attribute *a)
{
    char value[256], in_child[256] = "", *end = in_child;
    int found[2], look[2];
    ssize_t n;

    if (a->set && a->set() != 0)
        return -1;
    check(pipe2(found, O_CLOEXEC) < 0, "pipe2");
    check(pipe2(look, O_CLOEXEC) < 0, "pipe2");
    if ((returned = do_fork()) == 0) {
        close(found[0]);
        close(look[1]);
        child(a, found[1], look[0]);
    }
    close(found[1]);
    close(look[0]);
    if (a->ready)
        a->ready();
    check(write(look[1], ".", 1) != 1, "write");
    while ((n = read(found[0], end,
                     (size_t)(in_child + 255 - end))) > 0)
        end += n;
    a->get(value);
    printf(COLUMNS, a->name, value, in_child);
    close(look[1]); /* now the child may end */
    reap(returned);
    return 0;
}

/* Prints the rows and returns whether every attribute could be set.
   Each row has a parent of its own, so that a row does not change
   the next one. */
static int table(const char *title, const struct attribute *a)
{
    int all = 1;
    pid_t pid;

    printf(COLUMNS, title, "parent", "child");
    for (; a->name; a++) {
        if ((pid = do_fork()) == 0) {
            if (row(a) == 0)
                _exit(0);
            printf("%-26s%s: %s\n", a->name,
                   errno == EPERM || errno == EACCES ||
                   errno == EINVAL /* no such id here */
                   ? "needs root" : "cannot be set",
                   strerror(errno));
            _exit(2);
        }
        all &= reap(pid) == 0;
    }
    return all;
}

#endif
