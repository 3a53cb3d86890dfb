/* The child of a vfork waits for its parent: a deadlock. */
#define _GNU_SOURCE
#include "common.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>

static void sleep_ms(long ms)
{
    struct timespec t = { 0, ms * 1000000 };

    while (nanosleep(&t, &t) < 0)
        ;
}

/* The letter of the process's state in /proc, or 0 if the process
   is gone. */
static char state(pid_t pid)
{
    char path[64], text[512] = "", *end;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    if ((f = fopen(path, "re")) == NULL)
        return 0;
    if (fgets(text, sizeof text, f) == NULL)
        text[0] = 0;
    fclose(f);
    return (end = strrchr(text, ')')) == NULL ? 0 : end[2];
}

/* The watchdog. It looks until both sleep, looks again later, and
   then kills the child. */
static void watch(pid_t parent, volatile pid_t *shared)
{
    pid_t child = 0;
    char seen[128];

    while (state(parent) != 'D' || child == 0
           || state(child) != 'S') {
        if (state(parent) == 0)
            return;
        sleep_ms(1);
        child = *shared;
    }
    snprintf(seen, sizeof seen,
             "parent %ld is in state D, child %ld in S",
             (long)parent, (long)child);
    say("watchdog", seen);
    sleep_ms(300);
    strcat(seen, " still");
    say("watchdog", seen);
    say("watchdog", "neither can continue: kills the child");
    kill(child, SIGKILL);
}

int main(void)
{
    int p[2], status;
    pid_t parent = getpid(), watchdog, pid;
    /* In this mapping the child tells the watchdog its pid. */
    volatile pid_t *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    check(shared == MAP_FAILED, "mmap");
    check(pipe2(p, O_CLOEXEC) < 0, "pipe2");
    check((watchdog = fork()) < 0, "fork");
    if (watchdog == 0) {
        close(p[0]);
        close(p[1]);
        watch(parent, shared);
        _exit(0);
    }

    say("parent", "calls vfork");
    check((pid = vfork()) < 0, "vfork");
    if (pid == 0) {
        static char c;

        close(p[1]);
        say("child", "reads what its parent should write");
        *shared = getpid();
        _exit(read(p[0], &c, 1) != 1);
    }
    status = reap(pid);
    if (!WIFSIGNALED(status))
        return 1;
    say("parent", "runs again; its child ended by");
    dprintf(STDOUT_FILENO,
            "parent %ld: abnormal termination, "
            "signal number = %d\n",
            (long)getpid(), WTERMSIG(status));
    return reap(watchdog) != 0;
}
