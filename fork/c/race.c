/* Figures 8.12 and 8.13, and Exercise 8.4: who writes first. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FROM_PARENT "output from parent\n"
#define FROM_CHILD "output from child\n"

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* A write for each character: a switch can come after any. */
static void charatatime(int fd, const char *s, size_t n)
{
    while (n-- > 0)
        if (write(fd, s++, 1) != 1)
            die("write");
}

/* TELL and WAIT over a pipe. */
static void tell(int bell[2])
{
    charatatime(bell[1], ".", 1);
}

/* Ends the process when nobody is left who could tell. */
static void await(int bell[2])
{
    char c;

    if (read(bell[0], &c, 1) != 1)
        _exit(1);
}

static pid_t do_fork(void)
{
    pid_t pid = fork();

    if (pid < 0)
        die("fork");
    return pid;
}

/* Figure 8.13, with a parent that waits. */
static void parent_first(void)
{
    int parent[2];

    if (pipe(parent) < 0)
        die("pipe");
    if (do_fork() == 0) {
        close(parent[1]);
        await(parent); /* WAIT_PARENT: the parent goes first */
        charatatime(1, FROM_CHILD, strlen(FROM_CHILD));
        _exit(0);
    }
    charatatime(1, FROM_PARENT, strlen(FROM_PARENT));
    tell(parent); /* TELL_CHILD */
    wait(NULL);
    close(parent[0]), close(parent[1]);
}

/* One of three runs; next and done are the old child's bells. */
static void mixed_run(int next[2], int done[2], int mine[3][2])
{
    size_t middle = strlen(FROM_CHILD) / 2;

    charatatime(1, FROM_PARENT, strlen(FROM_PARENT));
    if (next) /* the old child ends its line now */
        tell(next), await(done);
    if (do_fork() == 0) {
        charatatime(1, FROM_CHILD, middle);
        tell(mine[0]);
        close(mine[1][1]); /* or it would never see the end */
        await(mine[1]);
        charatatime(1, FROM_CHILD + middle,
                    strlen(FROM_CHILD) - middle);
        tell(mine[2]);
    }
}

/* Three runs as a shell makes them; mixed is Exercise 8.4. */
static void three(int mixed)
{
    int bell[3][3][2], *next = NULL, *done = NULL, status;

    for (int i = 0; i < 3; i++) {
        int (*mine)[2] = bell[i]; /* half, next, done */

        for (int j = 0; j < 3; j++)
            if (pipe(mine[j]) < 0)
                die("pipe");
        if (do_fork() == 0) {
            if (mixed)
                mixed_run(next, done, mine);
            else
                parent_first();
            _exit(0);
        }
        wait(&status);
        if (status != 0) /* nobody will tell what it was to tell */
            exit(1);
        close(mine[0][1]), close(mine[2][1]);
        if (mixed)
            await(mine[0]);
        next = mine[1], done = mine[2];
    }
    if (mixed)
        tell(next), await(done);
}

/* Figure 8.12, again and again, into a pipe. */
static void unsynchronised(int n)
{
    int parent = 0, child = 0, out[2];
    char text[64];
    ssize_t got;

    for (int i = 0; i < n; i++) {
        if (pipe(out) < 0)
            die("pipe");
        if (do_fork() == 0) {
            charatatime(out[1], FROM_CHILD, strlen(FROM_CHILD));
            _exit(0);
        }
        charatatime(out[1], FROM_PARENT, strlen(FROM_PARENT));
        wait(NULL);
        got = read(out[0], text, sizeof text - 1);
        text[got < 0 ? 0 : got] = 0;
        parent += strcmp(text, FROM_PARENT FROM_CHILD) == 0;
        child += strcmp(text, FROM_CHILD FROM_PARENT) == 0;
        close(out[0]), close(out[1]);
    }
    printf("%d runs: %d parent first, %d child first, %d mixed\n",
           n, parent, child, n - parent - child);
}

int main(int argc, char *argv[])
{
    int n = 1, is_free = 0, is_three = 0, nowait = 0;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-n") == 0 && i + 1 < argc)
            n = atoi(argv[++i]);
        is_free |= strcmp(argv[i], "-free") == 0;
        is_three |= strcmp(argv[i], "-three") == 0;
        nowait |= strcmp(argv[i], "-nowait") == 0;
    }
    if (is_free)
        unsynchronised(n);
    if (is_three)
        three(nowait);
    while (!is_free && !is_three && n-- > 0)
        parent_first();
    return 0;
}
