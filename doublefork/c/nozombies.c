/* §8.6, §10.7: three ways to start jobs. --jobs N: how many. */
#define _GNU_SOURCE
#include "common.h"
#include <ctype.h>
#include <dirent.h>
#include <signal.h>

/* how many bytes fit into a pipe */
enum { PIPE_SIZE = 65536 };

static int jobs = 200, done[2];

/* A job writes a byte when it is done. */
static void job(void)
{
    if (write(done[1], "d", 1) != 1)
        fail("write");
    _exit(0);
}

/* Returns when all jobs have ended. It does not reap them. */
static void plain_fork(void)
{
    siginfo_t info;
    pid_t pid;

    for (int i = 0; i < jobs; i++) {
        if ((pid = do_fork()) == 0)
            job();
        /* WNOWAIT: the job stays a zombie. */
        if (waitid(P_PID, pid, &info, WEXITED | WNOWAIT) < 0)
            fail("waitid");
    }
}

/* Makes each job a second child, which is adopted. It reaps the
   first child, which ends at once. */
static void double_fork(void)
{
    pid_t first;

    for (int i = 0; i < jobs; i++) {
        if ((first = do_fork()) == 0) {
            if (do_fork() == 0)
                job();
            _exit(0);
        }
        reap(first);
    }
}

/* Returns when all jobs have ended. With SIGCHLD ignored a wait
   returns only then, and fails with ECHILD. */
static void ignore_children(void)
{
    for (int i = 0; i < jobs; i++)
        if (do_fork() == 0)
            job();
    if (wait(NULL) >= 0 || errno != ECHILD)
        fail("wait");
}

/* Counts the children of this process that are in state Z, in
   /proc. */
static int zombies(void)
{
    char path[300], line[512], state, *after;
    struct dirent *d;
    int parent, n = 0;
    DIR *proc = opendir("/proc");
    FILE *f;

    while (proc != NULL && (d = readdir(proc)) != NULL) {
        snprintf(path, sizeof path, "/proc/%s/stat", d->d_name);
        if (!isdigit((unsigned char)*d->d_name) ||
            (f = fopen(path, "r")) == NULL)
            continue;
        /* The name, in parentheses, may contain anything. */
        if (fgets(line, sizeof line, f) != NULL &&
            (after = strrchr(line, ')')) != NULL &&
            sscanf(after + 1, " %c %d", &state, &parent) == 2)
            n += state == 'Z' && parent == getpid();
        fclose(f);
    }
    if (proc != NULL)
        closedir(proc);
    return n;
}

static void show(const char *way, void (*start)(void))
{
    if (pipe(done) < 0)
        fail("pipe");
    start();
    close(done[1]); /* only the jobs have it now */
    for (int i = 0; i < jobs; i++)
        if (!receive(done[0])) {
            fprintf(stderr, "a job could not be started\n");
            exit(1);
        }
    close(done[0]);
    printf("%s: %d jobs done, %d zombies\n", way, jobs, zombies());
    fflush(stdout);
}

int main(int argc, char **argv)
{
    int at = option(argc, argv, "jobs");

    if (at && argv[at + 1])
        jobs = atoi(argv[at + 1]);
    if (jobs < 0 || jobs > PIPE_SIZE) {
        fprintf(stderr, "doublefork nozombies: --jobs takes a "
                "number from 0 to %d, because each job writes a "
                "byte to a pipe\n", PIPE_SIZE);
        return 2;
    }
    signal(SIGCHLD, SIG_DFL);
    show("fork and no wait", plain_fork);
    for (int i = 0; i < jobs; i++) /* reap the zombies */
        if (wait(NULL) < 0)
            fail("wait");

    show("double fork", double_fork);

    signal(SIGCHLD, SIG_IGN);
    show("SIGCHLD ignored", ignore_children);
    return 0;
}
