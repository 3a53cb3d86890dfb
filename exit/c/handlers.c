/* §8.5: whose exit handlers run, and in which order. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Write a line at once, so that it is seen who wrote it. */
static void tell(const char *what, const char *name)
{
    if (dprintf(STDOUT_FILENO, "%d %s %s\n", (int)getpid(), what,
                name) < 0)
        _exit(1);
}

static void run_a(void) { tell("runs", "A"); }
static void run_b(void) { tell("runs", "B"); }
static void run_c(void) { tell("runs", "C"); }

static void enter(const char *name, void (*handler)(void))
{
    tell("registers", name);
    if (atexit(handler) != 0)
        _exit(1);
}

static void by_exit(void)
{
    enter("B", run_b); /* once more */
    enter("C", run_c); /* in the child only */
    exit(0);
}

static void by__exit(void) { _exit(0); }
static void by_signal(void) { raise(SIGTERM); }

/* Make a child that ends like this, and wait for it. */
static void ends(const char *how, void (*end)(void))
{
    pid_t pid = fork();

    if (pid < 0) {
        perror("fork");
        _exit(1);
    } else if (pid == 0) {
        tell("a child, ends by", how);
        end();
    }
    if (waitpid(pid, NULL, 0) != pid)
        _exit(1);
}

int main(void)
{
    enter("A", run_a);
    enter("B", run_b);
    ends("exit", by_exit);
    ends("_exit", by__exit);
    ends("signal", by_signal);
    exit(0); /* and here the parent's own run */
}
