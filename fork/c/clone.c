/* The same child four times, made with other flags of clone. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int counter; /* what the child changes in memory */
static char stack[65536] __attribute__((aligned(16)));

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static int child(void *unused)
{
    (void)unused;
    if (dup(1) < 0 || chdir("/") < 0)
        return 1;
    counter++;
    return 0;
}

/* Whether the parent saw what its child had done. */
static const char *whose(int seen)
{
    return seen ? "shared" : "own";
}

static void shared(const char *name, int flags)
{
    char cwd[4096];
    int next;
    pid_t pid;

    counter = 6;
    if (chdir("/dev") < 0)
        die("chdir");
    next = dup(1); /* the number that the child will get */
    close(next);

    pid = clone(child, stack + sizeof stack, flags | SIGCHLD, NULL);
    if (pid < 0)
        die("clone");
    if (waitpid(pid, NULL, 0) != pid
        || getcwd(cwd, sizeof cwd) == NULL)
        die("waitpid");
    printf("%s: parent %ld, child %ld\n",
           name, (long)getpid(), (long)pid);
    printf("    table of files %s, directory %s, memory %s\n",
           whose(fcntl(next, F_GETFD) >= 0),
           whose(strcmp(cwd, "/") == 0), whose(counter == 7));
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
        pid_t pid = fork(); /* each row has a parent of its own */

        if (pid < 0)
            die("fork");
        if (pid == 0) {
            shared(rows[i].name, rows[i].flags);
            _exit(0);
        }
        if (waitpid(pid, NULL, 0) != pid)
            die("waitpid");
    }
    return 0;
}
