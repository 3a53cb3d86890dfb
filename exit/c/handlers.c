/* §8.5: which exit handlers run, and in which order. */
#define _GNU_SOURCE
#include "common.h"

/* Writes a line with write(2), so that the recorder sees which
   process wrote it. */
static void write_line(const char *what, const char *name)
{
    if (dprintf(STDOUT_FILENO, "%d %s %s\n", (int)getpid(), what,
                name) < 0)
        _exit(1);
}

static void run_a(void) { write_line("runs", "A"); }
static void run_b(void) { write_line("runs", "B"); }
static void run_c(void) { write_line("runs", "C"); }

/* Registers a handler, and says so. */
static void enter(const char *name, void (*handler)(void))
{
    write_line("registers", name);
    if (atexit(handler) != 0)
        _exit(1);
}

static void by_exit(void)
{
    enter("B", run_b); /* once more */
    enter("C", run_c); /* only in the child */
    exit(0);
}

static void by__exit(void) { _exit(0); }
static void by_signal(void) { raise(SIGTERM); }

/* Makes a child that ends in this way, and reaps it. */
static void child_ends(const char *way, void (*end)(void))
{
    pid_t pid = do_fork();

    if (pid == 0) {
        write_line("a child, ends by", way);
        end();
    }
    reap(pid);
}

int main(void)
{
    enter("A", run_a);
    enter("B", run_b);
    child_ends("exit", by_exit);
    child_ends("_exit", by__exit);
    child_ends("signal", by_signal);
    exit(0); /* calls the parent's handlers */
}
