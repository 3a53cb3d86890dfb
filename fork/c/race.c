/* Figures 8.12 and 8.13, and Exercise 8.4: which of the two writes
   first. The options are those of race.go. */
#define _GNU_SOURCE
#include "common.h"

#define FROM_PARENT "output from parent\n"
#define FROM_CHILD "output from child\n"

/* A write for each character, so that the kernel can switch between
   any two characters. */
static void charatatime(int fd, const char *s, size_t n)
{
    while (n-- > 0)
        check(write(fd, s++, 1) != 1, "write");
}

static void write_line(const char *s)
{
    charatatime(1, s, strlen(s));
}

/* TELL and WAIT over a pipe. */
static void tell(int fd[2])
{
    charatatime(fd[1], ".", 1);
}

/* Ends the process if no other process is left that could tell. */
static void await(int fd[2])
{
    char c;

    if (read(fd[0], &c, 1) != 1)
        _exit(1);
}

static void make_pipe(int fd[2])
{
    check(pipe(fd) < 0, "pipe");
}

/* Figure 8.13, and the parent waits for its child. */
static void parent_first(void)
{
    int parent[2];
    pid_t pid;

    make_pipe(parent);
    if ((pid = do_fork()) == 0) {
        close(parent[1]);
        await(parent); /* WAIT_PARENT */
        write_line(FROM_CHILD);
        _exit(0);
    }
    write_line(FROM_PARENT);
    tell(parent); /* TELL_CHILD */
    reap(pid);
    close(parent[0]), close(parent[1]);
}

/* The other direction. It returns the child's pid. */
static pid_t child_first(void)
{
    int child[2];
    pid_t pid;

    make_pipe(child);
    if ((pid = do_fork()) == 0) {
        write_line(FROM_CHILD);
        tell(child); /* TELL_PARENT */
        _exit(0);
    }
    close(child[1]);
    await(child); /* WAIT_CHILD */
    write_line(FROM_PARENT);
    close(child[0]);
    return pid;
}

/* The two write at the same time, then each waits for the other,
   then both write again. */
static void both_wait(void)
{
    int parent[2], child[2];
    pid_t pid;

    make_pipe(parent);
    make_pipe(child);
    if ((pid = do_fork()) == 0) {
        close(parent[1]);
        write_line("111111111111111");
        tell(child);   /* TELL_PARENT */
        await(parent); /* WAIT_PARENT */
        write_line("222222222222222");
        _exit(0);
    }
    close(child[1]);
    write_line("111111111111111");
    tell(parent); /* TELL_CHILD */
    await(child); /* WAIT_CHILD */
    write_line("222222222222222");
    reap(pid);
    write_line("\n");
    close(parent[0]), close(parent[1]), close(child[0]);
}

/* One of three runs. The child of the run before ends its line when
   it gets go_on, and then tells done; both are NULL in the first
   run. own has the pipes half, go_on and done of this run. */
static void mixed_run(int go_on[2], int done[2], int own[3][2])
{
    size_t middle = strlen(FROM_CHILD) / 2;

    write_line(FROM_PARENT);
    if (go_on)
        tell(go_on), await(done);
    if (do_fork() == 0) {
        charatatime(1, FROM_CHILD, middle);
        tell(own[0]);
        close(own[1][1]); /* or it would not see end of file */
        await(own[1]);
        write_line(FROM_CHILD + middle);
        tell(own[2]);
    }
}

enum order { IN_ORDER, MIXED, CHILD_FIRST };

/* Three runs in a row: the shell reaps its own child, but no child
   of that child. */
static void three(enum order order)
{
    int pipes[3][3][2], *go_on = NULL, *done = NULL;
    pid_t pid;

    for (int i = 0; i < 3; i++) {
        int (*own)[2] = pipes[i];

        for (int j = 0; j < 3; j++)
            make_pipe(own[j]);
        if ((pid = do_fork()) == 0) {
            if (order == MIXED)
                mixed_run(go_on, done, own);
            else if (order == CHILD_FIRST)
                child_first();
            else
                parent_first();
            _exit(0);
        }
        if (reap(pid) != 0)
            exit(1); /* the next run would wait for this one */
        close(own[0][1]), close(own[2][1]);
        if (order == MIXED)
            await(own[0]);
        go_on = own[1], done = own[2];
    }
    if (order == MIXED)
        tell(go_on), await(done);
}

/* Figure 8.12, many times, with a pipe as output. */
static void count_orders(int n)
{
    int parent = 0, child = 0, out[2];
    char text[64];
    ssize_t got;
    pid_t pid;

    for (int i = 0; i < n; i++) {
        make_pipe(out);
        if ((pid = do_fork()) == 0) {
            charatatime(out[1], FROM_CHILD, strlen(FROM_CHILD));
            _exit(0);
        }
        charatatime(out[1], FROM_PARENT, strlen(FROM_PARENT));
        reap(pid);
        got = read(out[0], text, sizeof text - 1);
        text[got < 0 ? 0 : got] = 0;
        parent += strcmp(text, FROM_PARENT FROM_CHILD) == 0;
        child += strcmp(text, FROM_CHILD FROM_PARENT) == 0;
        close(out[0]), close(out[1]);
    }
    printf("%d %s: %d parent first, %d child first, %d mixed\n", n,
           n == 1 ? "run" : "runs",
           parent, child, n - parent - child);
}

int main(int argc, char *argv[])
{
    int at = option(argc, argv, "n");
    int n = at && argv[at + 1] ? atoi(argv[at + 1]) : 1;
    int child = option(argc, argv, "child");

    if (n < 1 || n > 1000000)
        cannot("race", "-n takes a number from 1 to 1000000");
    if (option(argc, argv, "free")) {
        count_orders(n);
        return 0;
    }
    if (option(argc, argv, "three")) {
        three(child ? CHILD_FIRST
              : option(argc, argv, "nowait") ? MIXED : IN_ORDER);
        return 0;
    }
    while (n-- > 0)
        if (option(argc, argv, "both"))
            both_wait();
        else if (child)
            reap(child_first());
        else
            parent_first();
    return 0;
}
