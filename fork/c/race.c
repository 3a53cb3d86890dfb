/* Figures 8.12 and 8.13, and Exercise 8.4: who writes first. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char from_parent[] = "output from parent\n";
static const char from_child[] = "output from child\n";

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* A write for each character: the kernel can switch between any two. */
static void charatatime(int fd, const char *s, size_t n)
{
    while (n-- > 0)
        if (write(fd, s++, 1) != 1)
            die("write");
}

/* TELL and WAIT over a pipe. */
static void tell(int bell[2])
{
    if (write(bell[1], ".", 1) != 1)
        die("tell");
}

static void await(int bell[2])
{
    char c;

    if (read(bell[0], &c, 1) != 1)
        die("wait");
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
    pid_t pid;

    if (pipe(parent) < 0)
        die("pipe");
    if ((pid = do_fork()) == 0) {
        await(parent); /* WAIT_PARENT: the parent goes first */
        charatatime(1, from_child, strlen(from_child));
        _exit(0);
    }
    charatatime(1, from_parent, strlen(from_parent));
    tell(parent); /* TELL_CHILD */
    waitpid(pid, NULL, 0);
    close(parent[0]);
    close(parent[1]);
}

/* Three runs as a shell makes them. With mixed, Exercise 8.4: a run
   is over when the parent is, and its child in mid-line. */
static void three(int mixed)
{
    int half[2], next[2], done[2];

    if (pipe(half) < 0 || pipe(next) < 0 || pipe(done) < 0)
        die("pipe");
    for (int i = 0; i < 3; i++) {
        size_t middle = strlen(from_child) / 2;
        pid_t run = do_fork();

        if (run > 0) {
            waitpid(run, NULL, 0);
            if (mixed)
                await(half);
            continue;
        }
        if (!mixed) {
            parent_first();
            _exit(0);
        }
        charatatime(1, from_parent, strlen(from_parent));
        if (i > 0) { /* the old child ends its line now */
            tell(next);
            await(done);
        }
        if (do_fork() == 0) {
            charatatime(1, from_child, middle);
            tell(half);
            await(next);
            charatatime(1, from_child + middle, strlen(from_child) - middle);
            tell(done);
        }
        _exit(0);
    }
    if (mixed) {
        tell(next);
        await(done);
    }
}

/* Figure 8.12, again and again, into a pipe. */
static void unsynchronised(int n)
{
    int parent = 0, child = 0, out[2];
    char text[64], first[64], second[64];

    snprintf(first, sizeof first, "%s%s", from_parent, from_child);
    snprintf(second, sizeof second, "%s%s", from_child, from_parent);
    for (int i = 0; i < n; i++) {
        ssize_t got;
        pid_t pid;

        if (pipe(out) < 0)
            die("pipe");
        if ((pid = do_fork()) == 0) {
            charatatime(out[1], from_child, strlen(from_child));
            _exit(0);
        }
        charatatime(out[1], from_parent, strlen(from_parent));
        waitpid(pid, NULL, 0);
        got = read(out[0], text, sizeof text - 1);
        text[got < 0 ? 0 : got] = 0;
        parent += strcmp(text, first) == 0;
        child += strcmp(text, second) == 0;
        close(out[0]);
        close(out[1]);
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
    else if (is_three)
        three(nowait);
    else
        while (n-- > 0)
            parent_first();
    return 0;
}
