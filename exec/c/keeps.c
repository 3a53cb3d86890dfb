/* What an exec keeps: the list of section 8.10. */
#define _GNU_SOURCE
#include "common.h"
#include "rows.h"

#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

static void set_group(void) { setpgid(0, 0); }
static void set_session(void) { setsid(); }
static void set_umask(void) { umask(0135); }

static void set_mask(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

static void set_pending(void)
{
    set_mask();
    kill(getpid(), SIGUSR1);
}

static void set_limit(void)
{
    struct rlimit limit;

    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 12345678;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static void set_nice(void) { setpriority(PRIO_PROCESS, 0, 17); }

static void use_time(void)
{
    struct timespec used;

    do
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    while (used.tv_sec == 0 && used.tv_nsec < 50000000);
}

/* Makes descriptor 50 of a new file. */
static void open_50(void)
{
    int fd = memfd_create("locked", MFD_CLOEXEC);

    check(fd < 0 || dup2(fd, 50) < 0, "memfd_create");
    close(fd); /* or the exec would lose a record lock */
}

static void lock_record(void)
{
    struct flock all = { .l_type = F_WRLCK };

    open_50();
    check(fcntl(50, F_SETLK, &all) < 0, "fcntl");
}

static void lock_flock(void)
{
    open_50();
    check(flock(50, LOCK_EX) < 0, "flock");
}

static const char *const files[] = { "/proc/self/stat",
    "/proc/self/status", "/proc/self/limits",
    "/proc/self/fdinfo/50", NULL };

static void by_field(const char *name, void (*set)(void), int n)
{
    run_row(set, files);
    print_row(name, field_of(texts.before, n),
              field_of(texts.after, n));
}

static void by_line(const char *name, void (*set)(void),
                    const char *line)
{
    run_row(set, files);
    print_row(name, line_of(texts.before, line),
              line_of(texts.after, line));
}

static const char *limit_of(const char *text)
{
    static char value[2][32];
    static int which;
    char *v = value[which ^= 1];
    const char *p = strstr(text, "Max file size");

    v[0] = '\0';
    if (p)
        sscanf(p + 13, "%31s", v);
    return v;
}

static const char *time_of(const char *text)
{
    int user = atoi(field_of(text, 14));

    return user + atoi(field_of(text, 15)) >= 3
        ? "3 ticks or more" : "less than 3 ticks";
}

static const char *held(const char *text, const char *kind)
{
    const char *p = strstr(text, "lock:");

    return p && strstr(p, kind) ? "is held" : "is not held";
}

int main(void)
{
    print_row("attribute", "before the exec", "after it");
    by_field("process ID", NULL, 1);
    by_field("parent process ID", NULL, 4);
    by_field("process group ID", set_group, 5);
    by_field("session ID", set_session, 6);
    by_line("file mode creation mask", set_umask, "Umask");
    by_line("signal mask", set_mask, "SigBlk");
    by_line("pending signal", set_pending, "ShdPnd");
    run_row(set_limit, files);
    print_row("resource limit", limit_of(texts.before),
              limit_of(texts.after));
    by_field("nice value", set_nice, 19);
    run_row(use_time, files);
    print_row("processor time", time_of(texts.before),
              time_of(texts.after));
    run_row(lock_record, files);
    print_row("record lock", held(texts.before, "POSIX"),
              held(texts.after, "POSIX"));
    run_row(lock_flock, files);
    print_row("flock lock", held(texts.before, "FLOCK"),
              held(texts.after, "FLOCK"));
    return 0;
}
