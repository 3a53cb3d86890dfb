/* What an exec does not keep. */
#define _GNU_SOURCE
#include "common.h"
#include "rows.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <time.h>

static void handler(int sig) { (void)sig; }
static void catch(void) { signal(SIGUSR1, handler); }

static void map_shared(void)
{
    int fd = memfd_create("shared", MFD_CLOEXEC);

    check(fd < 0 || ftruncate(fd, 4096) < 0, "memfd_create");
    check(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0)
          == MAP_FAILED, "mmap");
}

static void attach(void)
{
    int id = shmget(IPC_PRIVATE, 4096, 0600);

    check(id < 0 || shmat(id, NULL, 0) == (void *)-1, "shmat");
    shmctl(id, IPC_RMID, NULL);
}

static void lock_memory(void)
{
    void *mem = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    check(mem == MAP_FAILED || mlock(mem, 4096) < 0, "mlock");
}

static void make_timer(void)
{
    struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
                              .sigev_signo = SIGUSR1 };
    timer_t timer;

    check(timer_create(CLOCK_MONOTONIC, &event, &timer) < 0,
          "timer_create");
}

static const char *const files[] = { "/proc/self/status",
    "/proc/self/maps", "/proc/self/timers", NULL };

static void by_line(const char *name, void (*set)(void),
                    const char *line)
{
    run_row(set, files);
    print_row(name, line_of(texts.before, line),
              line_of(texts.after, line));
}

static const char *has(const char *text, const char *words)
{
    return strstr(text, words) ? "is there" : "is gone";
}

static void by_text(const char *name, void (*set)(void),
                    const char *words)
{
    run_row(set, files);
    print_row(name, has(texts.before, words),
              has(texts.after, words));
}

static void exit_handler(void) { printf("a handler ran\n"); }

int main(void)
{
    char before[32] = "", after[32] = "";
    pid_t pid;

    print_row("attribute", "before the exec", "after it");
    by_line("caught signal", catch, "SigCgt");
    by_text("mapping", map_shared, "/memfd:shared");
    by_text("attached segment", attach, "/SYSV");
    by_line("locked memory", lock_memory, "VmLck");
    by_text("POSIX timer", make_timer, "ClockID:");
    run_row(NULL, files);
    sscanf(texts.before, "Name: %31s", before);
    sscanf(texts.after, "Name: %31s", after);
    print_row("name", before, after);

    if ((pid = do_fork()) == 0) {
        atexit(exit_handler);
        printf("a line in the buffer");
        execl("/bin/sh", "sh", "-c",
              "echo 'handlers and buffers are gone'", (char *)NULL);
        failed("execl");
    }
    reap(pid);
    return 0;
}
