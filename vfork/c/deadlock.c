/* The child of a vfork waits for its parent: for ever. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void say(const char *role, const char *what)
{
    dprintf(STDOUT_FILENO, "%s %ld: %s\n",
            role, (long)getpid(), what);
}

static void sleep_ms(long ms)
{
    struct timespec t = { 0, ms * 1000000 };

    while (nanosleep(&t, &t) < 0)
        ;
}

/* The letter for the process's state in /proc, 0: it is gone. */
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

/* The watchdog: it looks twice, then kills the child. */
static void watch(pid_t parent, volatile pid_t *note)
{
    pid_t child = 0;
    char seen[128];

    while (state(parent) != 'D' || child == 0
           || state(child) != 'S') {
        if (state(parent) == 0)
            return;
        sleep_ms(1);
        child = *note;
    }
    snprintf(seen, sizeof seen,
             "parent %ld is in state D, child %ld in S",
             (long)parent, (long)child);
    say("watchdog", seen);
    sleep_ms(300);
    strcat(seen, " still");
    say("watchdog", seen);
    say("watchdog", "neither can go on: it kills the child");
    kill(child, SIGKILL);
}

int main(void)
{
    int p[2], status;
    pid_t parent = getpid(), dog, pid;
    /* Memory that fork does not copy: the child leaves its pid. */
    volatile pid_t *note =
        mmap(NULL, sizeof *note, PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (note == MAP_FAILED || pipe2(p, O_CLOEXEC) < 0
        || (dog = fork()) < 0) {
        perror("deadlock");
        return 1;
    }
    if (dog == 0) {
        close(p[0]);
        close(p[1]);
        watch(parent, note);
        _exit(0);
    }

    say("parent", "calls vfork");
    if ((pid = vfork()) < 0) { /* the watchdog sees us go */
        perror("vfork");
        return 1;
    }
    if (pid == 0) {
        static char c;

        close(p[1]);
        say("child", "reads what its parent is to write");
        *note = getpid();
        _exit(read(p[0], &c, 1) != 1);
    }
    if (waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status)) {
        perror("waitpid");
        return 1;
    }
    say("parent", "runs again; its child's end:");
    dprintf(STDOUT_FILENO,
            "parent %ld: abnormal termination, "
            "signal number = %d\n",
            (long)getpid(), WTERMSIG(status));
    return waitpid(dog, NULL, 0) != dog;
}
