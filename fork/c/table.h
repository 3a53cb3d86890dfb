/* The table that inherit and differ print: each row has a parent
   and a child of its own. */
#define COLUMNS "%-26s%-22s%s\n"

/* One row: how a parent gets a value, 0 if it did, what it waits
   for before the child looks, and what each of the two then finds
   in itself. */
struct attribute {
    const char *name;
    int (*set)(void);         /* in the parent, before the fork */
    void (*get)(char *value); /* in the child, then in the parent */
    void (*ready)(void);      /* in the parent, before that */
    void (*then)(void);       /* in the child, when it has looked */
};

static pid_t returned; /* by fork */

static void check(int failed, const char *call)
{
    if (failed) {
        perror(call);
        _exit(1);
    }
}

/* The child waits for its parent, says what it finds, and stays
   until the row is printed. */
static void child(const struct attribute *a, int told, int leave)
{
    char c, value[256];

    check(read(leave, &c, 1) != 1, "read");
    a->get(value);
    check(write(told, value, strlen(value)) < 0, "write");
    if (a->then)
        a->then();
    close(told);
    check(read(leave, &c, 1) != 0, "read");
    _exit(0);
}

/* The parent sets the value, forks and prints the row. It returns
   0, or what set returned. */
static int row(const struct attribute *a)
{
    char value[256], his[256] = "", *end = his;
    int told[2], leave[2];
    ssize_t n;

    if (a->set && a->set() != 0)
        return -1;
    check(pipe2(told, O_CLOEXEC) < 0, "pipe2");
    check(pipe2(leave, O_CLOEXEC) < 0, "pipe2");
    check((returned = fork()) < 0, "fork");
    if (returned == 0) {
        close(told[0]);
        close(leave[1]);
        child(a, told[1], leave[0]);
    }
    close(told[1]);
    close(leave[0]);
    if (a->ready)
        a->ready();
    check(write(leave[1], ".", 1) != 1, "write");
    while ((n = read(told[0], end, (size_t)(his + 255 - end))) > 0)
        end += n;
    a->get(value);
    printf(COLUMNS, a->name, value, his);
    close(leave[1]); /* now the child may end */
    check(waitpid(returned, NULL, 0) != returned, "waitpid");
    return 0;
}

/* Prints the rows and returns whether all could be set. The parent
   of a row is a process of its own: what it sets is no business of
   the next row's. */
static int table(const char *title, const struct attribute *a)
{
    int status, all = 1;
    pid_t pid;

    printf(COLUMNS, title, "parent", "child");
    for (; a->name; a++) {
        check((pid = fork()) < 0, "fork");
        if (pid == 0) {
            if (row(a) == 0)
                _exit(0);
            printf("%-26s%s: %s\n", a->name,
                   errno == EPERM || errno == EACCES ||
                   errno == EINVAL /* no such id here */
                   ? "needs root" : "can not be set",
                   strerror(errno));
            _exit(2);
        }
        check(waitpid(pid, &status, 0) != pid, "waitpid");
        all = all && status == 0;
    }
    return all;
}
