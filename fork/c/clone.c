/* The same child four times, each with other flags of clone. */
#define _GNU_SOURCE
#include "common.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>

static volatile int counter; /* what the child changes in memory */
static char stack[65536] __attribute__((aligned(16)));

static int child(void *unused)
{
    (void)unused;
    if (dup(1) < 0 || chdir("/") < 0)
        return 1;
    counter++;
    return 0;
}

/* What it means that the parent sees the child's change, or does
   not. */
static const char *kind(int seen)
{
    return seen ? "shared" : "own";
}

static void shared(const char *name, int flags)
{
    char cwd[4096];
    int next;
    pid_t pid;

    counter = 6;
    check(chdir("/dev") < 0, "chdir");
    next = dup(1); /* the child's dup will return it too */
    close(next);

    pid = clone(child, stack + sizeof stack, flags | SIGCHLD, NULL);
    check(pid < 0, "clone");
    reap(pid);
    check(getcwd(cwd, sizeof cwd) == NULL, "getcwd");
    printf("%s: parent %ld, child %ld\n",
           name, (long)getpid(), (long)pid);
    printf("    table of files %s, directory %s, memory %s\n",
           kind(fcntl(next, F_GETFD) >= 0),
           kind(strcmp(cwd, "/") == 0), kind(counter == 7));
    fflush(stdout);
}

int main(void)
{
    const struct {
        const char *name;
        int flags;
    } rows[] = {
        { "no flag", 0 },
        { "CLONE_FILES", CLONE_FILES },
        { "CLONE_FS", CLONE_FS },
        { "CLONE_VM, VFORK", CLONE_VM | CLONE_VFORK },
    };

    for (int i = 0; i < 4; i++) {
        pid_t pid = do_fork(); /* each row has its own parent */

        if (pid == 0) {
            shared(rows[i].name, rows[i].flags);
            _exit(0);
        }
        reap(pid);
    }
    return 0;
}
