/* §8.6, §10.7: jobs that leave a zombie, and jobs that do not. */
#include "common.h"
#include <ctype.h>
#include <dirent.h>
#include <signal.h>

/* how many bytes a pipe holds that nobody reads */
enum { PIPE_SIZE = 65536 };

static int jobs = 200, done[2];

/* A job writes a byte when it is done. */
static void job(void)
{
    if (write(done[1], "d", 1) != 1)
        fail("write");
    _exit(0);
}

/* Returns when all jobs have ended, and waits for none. */
static void plain_fork(void)
{
    siginfo_t info;
    pid_t pid;

    for (int i = 0; i < jobs; i++) {
        if ((pid = must_fork()) == 0)
            job();
        /* To look is not to wait: it stays a zombie. */
        if (waitid(P_PID, pid, &info, WEXITED | WNOWAIT) < 0)
            fail("waitid");
    }
}

/* Waits for the first child of each job, which ends at once, and
   leaves the second to whoever adopts it. */
static void double_fork(void)
{
    pid_t first;

    for (int i = 0; i < jobs; i++) {
        if ((first = must_fork()) == 0) {
            if (must_fork() == 0)
                job();
            _exit(0);
        }
        reap(first);
    }
}

/* Returns when all jobs have ended: with SIGCHLD ignored, wait
   comes back only then, and with nothing. */
static void ignore_children(void)
{
    for (int i = 0; i < jobs; i++)
        if (must_fork() == 0)
            job();
    if (wait(NULL) >= 0 || errno != ECHILD)
        fail("wait");
}

/* Counts our children in state Z, in /proc. */
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
        /* The name, in parentheses, may hold anything. */
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
    close(done[1]); /* the jobs have it */
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
    if (argc == 3 && strcmp(argv[1], "-jobs") == 0)
        jobs = atoi(argv[2]);
    if (jobs < 0 || jobs > PIPE_SIZE) {
        fprintf(stderr, "nozombies: -jobs is 0 to %d, as each job "
                "leaves a byte in a pipe\n", PIPE_SIZE);
        return 2;
    }
    signal(SIGCHLD, SIG_DFL);
    show("fork and no wait", plain_fork);
    for (int i = 0; i < jobs; i++) /* what these left */
        if (wait(NULL) < 0)
            fail("wait");

    show("double fork", double_fork);

    signal(SIGCHLD, SIG_IGN);
    show("SIGCHLD ignored", ignore_children);
    return 0;
}
