/* What an exec keeps: the list of section 8.10. --root: what only
   root can change. */
#define _GNU_SOURCE
#include "common.h"
#include "rows.h"

#include <grp.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

enum { STRANGER = 7000001 }; /* an unused id, user and group */

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

/* One signal for the process, and another one for the thread. */
static void set_pending(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    kill(getpid(), SIGUSR1);
    syscall(SYS_tgkill, getpid(), getpid(), SIGUSR2);
}

static void set_ignored(void) { signal(SIGUSR1, SIG_IGN); }

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

/* A session whose controlling terminal is a new one. */
static void set_terminal(void)
{
    int master = open("/dev/ptmx", O_RDWR | O_NOCTTY), tty;

    can_set(master >= 0 && grantpt(master) == 0
            && unlockpt(master) == 0);
    can_set((tty = open(ptsname(master), O_RDWR | O_NOCTTY)) >= 0);
    can_set(setsid() > 0 && ioctl(tty, TIOCSCTTY, 0) == 0);
}

static void set_directory(void) { can_set(chdir("/usr") == 0); }

static void ring(int which, int usec)
{
    struct itimerval value = { .it_value.tv_usec = usec };

    can_set(setitimer(which, &value, NULL) == 0);
}

static void set_alarm(void) { alarm(1); }
static void set_user_timer(void) { ring(ITIMER_VIRTUAL, 30000); }
static void set_timer(void) { ring(ITIMER_PROF, 30000); }

static void set_ruid(void)
{
    can_set(syscall(SYS_setresuid, STRANGER, -1, -1) == 0);
}

static void set_euid(void)
{
    can_set(syscall(SYS_setresuid, -1, STRANGER, -1) == 0);
}

static void set_rgid(void)
{
    can_set(syscall(SYS_setresgid, STRANGER, -1, -1) == 0);
}

static void set_egid(void)
{
    can_set(syscall(SYS_setresgid, -1, STRANGER, -1) == 0);
}

static void set_groups(void)
{
    gid_t list[] = { STRANGER, STRANGER + 1 };

    can_set(setgroups(2, list) == 0);
}

static void set_root(void)
{
    can_set(chroot("/usr") == 0 && chdir("/") == 0);
}

static const char *const files[] = { "/proc/self/stat",
    "/proc/self/status", "/proc/self/limits",
    "/proc/self/fdinfo/50", NULL };

static void by_field(const char *name, void (*set)(void), int n)
{
    if (run_row(name, set, files))
        print_row(name, field_of(texts.before, n),
                  field_of(texts.after, n));
}

static void by_line(const char *name, void (*set)(void),
                    const char *line)
{
    if (run_row(name, set, files))
        print_row(name, line_of(texts.before, line),
                  line_of(texts.after, line));
}

/* An id in a line of status: the real one, or the effective one. */
static const char *id_of(const char *text, const char *line, int n)
{
    static char value[2][16];
    static int which;
    char *v = value[which ^= 1], other[16];

    v[0] = '\0';
    sscanf(line_of(text, line), "%15s %15s", n ? other : v,
           n ? v : other);
    return v;
}

static void by_id(const char *name, void (*set)(void),
                  const char *line, int n)
{
    if (run_row(name, set, files))
        print_row(name, id_of(texts.before, line, n),
                  id_of(texts.after, line, n));
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

static const char *terminal_of(const char *text)
{
    return strcmp(field_of(text, 7), "0") == 0 ? "none"
                                               : "a terminal";
}

static char *readlink_argv[] = { "readlink", "/proc/self/cwd",
                                 NULL };
static char *sleep_argv[] = { "/bin/sleep", "5", NULL };
static char *loop_argv[] = { "/bin/sh", "-c",
                             "while :; do :; done", NULL };
static char *root_argv[] = { "sh", "-c",
    "[ -e /usr ] && echo / || echo /usr", NULL };

static const char *directory(void)
{
    static char path[PATH_MAX];

    return getcwd(path, sizeof path);
}

static const char *is_set(void) { return "is set"; }

static const char *root_now(void)
{
    return access("/usr", F_OK) == 0 ? "/" : "/usr";
}

static void root_rows(void)
{
    by_id("real user ID", set_ruid, "Uid", 0);
    by_id("effective user ID", set_euid, "Uid", 1);
    by_id("real group ID", set_rgid, "Gid", 0);
    by_id("effective group ID", set_egid, "Gid", 1);
    by_line("supplementary groups", set_groups, "Groups");
    run_program("root directory", set_root, root_now, root_argv);
}

static void other_rows(void)
{
    if (run_row("controlling terminal", set_terminal, files))
        print_row("controlling terminal",
                  terminal_of(texts.before),
                  terminal_of(texts.after));
    run_program("working directory", set_directory, directory,
                readlink_argv);
    run_program("alarm", set_alarm, is_set, sleep_argv);
    run_program("timer of user time", set_user_timer, is_set,
                loop_argv);
    run_program("timer of processor time", set_timer, is_set,
                loop_argv);
    by_line("ignored signal", set_ignored, "SigIgn");
}

int main(int argc, char *argv[])
{
    print_row("attribute", "before the exec", "after it");
    if (option(argc, argv, "root")) {
        root_rows();
        return rows_end("keeps");
    }
    by_field("process ID", NULL, 1);
    by_field("parent process ID", NULL, 4);
    by_field("process group ID", set_group, 5);
    by_field("session ID", set_session, 6);
    by_line("file mode creation mask", set_umask, "Umask");
    by_line("signal mask", set_mask, "SigBlk");
    by_line("pending signal", set_pending, "ShdPnd");
    run_row("resource limit", set_limit, files);
    print_row("resource limit", limit_of(texts.before),
              limit_of(texts.after));
    by_field("nice value", set_nice, 19);
    run_row("processor time", use_time, files);
    print_row("processor time", time_of(texts.before),
              time_of(texts.after));
    run_row("record lock", lock_record, files);
    print_row("record lock", held(texts.before, "POSIX"),
              held(texts.after, "POSIX"));
    run_row("flock lock", lock_flock, files);
    print_row("flock lock", held(texts.before, "FLOCK"),
              held(texts.after, "FLOCK"));
    other_rows();
    return rows_end("keeps");
}
