/* What an exec does not keep. --root: what only root can change. */
#define _GNU_SOURCE
#include "common.h"
#include "rows.h"

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
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
    run_row(name, set, files);
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
    run_row(name, set, files);
    print_row(name, has(texts.before, words),
              has(texts.after, words));
}

static void exit_handler(void) { printf("a handler ran\n"); }

enum { STRANGER = 7000001 }; /* an unused id, user and group */

static void set_saved_user(void)
{
    can_set(syscall(SYS_setresuid, -1, -1, STRANGER) == 0);
}

static void set_saved_group(void)
{
    can_set(syscall(SYS_setresgid, -1, -1, STRANGER) == 0);
}

/* The third id in a line of status. */
static const char *saved_of(const char *text, const char *line)
{
    static char value[2][16];
    static int which;
    char *v = value[which ^= 1];

    v[0] = '\0';
    sscanf(line_of(text, line), "%*s %*s %15s", v);
    return v;
}

static void saved_row(const char *name, void (*set)(void),
                      const char *line)
{
    if (run_row(name, set, files))
        print_row(name, saved_of(texts.before, line),
                  saved_of(texts.after, line));
}

/* The descriptors of shared_table. */
enum { PROBE = 60, SAYS, WAITS };

/* The child of shared_table: opens PROBE and executes a shell. */
static int sharing(void *unused)
{
    char c = 'b';

    (void)unused;
    dup3(SAYS, PROBE, O_CLOEXEC);
    check(write(SAYS, &c, 1) != 1, "write");
    check(read(WAITS, &c, 1) != 1, "read");
    execl("/bin/sh", "sh", "-c",
          "cd /usr; echo >/dev/fd/61; read x </dev/fd/62",
          (char *)NULL);
    _exit(127);
}

static int is_open(const char *process)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%s/fd/%d", process, PROBE);
    return faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW)
        == 0;
}

static const char *shared_or_own(int shared)
{
    return shared ? "is shared" : "is its own";
}

/* Makes a child that shares the table of descriptors and the
   working directory with its parent, and executes a shell. */
static void shared_table(void)
{
    static char stack[1 << 16], directory[PATH_MAX];
    const char *before, *after;
    char name[16], c;
    int says[2], goes_on[2], pid;

    check(pipe2(says, O_CLOEXEC) < 0, "pipe2");
    check(pipe2(goes_on, O_CLOEXEC) < 0, "pipe2");
    dup2(says[1], SAYS);
    dup2(goes_on[0], WAITS);
    fflush(stdout);
    pid = clone(sharing, stack + sizeof stack,
                CLONE_FILES | CLONE_FS | SIGCHLD, NULL);
    check(pid < 0, "clone");
    check(read(says[0], &c, 1) != 1, "read");
    before = shared_or_own(is_open("self"));
    check(write(goes_on[1], &c, 1) != 1, "write");
    check(read(says[0], &c, 1) != 1, "read"); /* the shell runs */
    snprintf(name, sizeof name, "%d", pid);
    after = shared_or_own(is_open("self") == is_open(name));
    print_row("table of descriptors", before, after);
    check(!getcwd(directory, sizeof directory), "getcwd");
    print_row("working directory", "is shared",
              shared_or_own(strcmp(directory, "/usr") == 0));
    check(write(goes_on[1], "\n", 1) != 1, "write");
    reap(pid);
}

int main(int argc, char *argv[])
{
    char before[32] = "", after[32] = "";
    pid_t pid;

    print_row("attribute", "before the exec", "after it");
    if (option(argc, argv, "root")) {
        saved_row("saved user ID", set_saved_user, "Uid");
        saved_row("saved group ID", set_saved_group, "Gid");
        return rows_end("resets");
    }
    by_line("caught signal", catch, "SigCgt");
    by_text("mapping", map_shared, "/memfd:shared");
    by_text("attached segment", attach, "/SYSV");
    by_line("locked memory", lock_memory, "VmLck");
    by_text("POSIX timer", make_timer, "ClockID:");
    run_row("name", NULL, files);
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
    if ((pid = do_fork()) == 0) {
        shared_table();
        exit(0);
    }
    reap(pid);
    return 0;
}
