/* fork until it fails: with the limit of a user, and with that of
   the system. --max N: how many processes the user may have. */
#define _GNU_SOURCE
#include "common.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

static rlim_t most = 8; /* processes of the user */

/* What fork gave. */
static const char *result(pid_t pid)
{
    if (pid >= 0)
        return "a child";
    return errno == EAGAIN ? "EAGAIN" : strerror(errno);
}

/* Forks, reaps the child and says what fork gave. */
static const char *fork_once(void)
{
    pid_t pid = fork();
    const char *what = result(pid);

    if (pid == 0)
        _exit(0);
    if (pid > 0)
        reap(pid);
    return what;
}

/* Makes at most max children. Then it tries again with all of them
   dead, and with all of them reaped. */
static void fork_until_it_fails(const char *part, int max)
{
    int leave[2], n = 0;
    siginfo_t info;
    pid_t *pids = calloc(max, sizeof *pids), pid = 0;

    check(pids == NULL, "calloc");
    check(pipe2(leave, O_CLOEXEC) < 0, "pipe2");
    while (n < max && (pid = fork()) >= 0) {
        if (pid == 0) { /* lives until its parent closes the pipe */
            char c;
            close(leave[1]);
            _exit(read(leave[0], &c, 1) != 0);
        }
        pids[n++] = pid;
    }
    if (n == 0) /* before Linux 5.14, in a user namespace */
        cannot("limit", "this user has too many processes "
               "already: run it as root, or on Linux 5.14 or "
               "newer");
    say(part, "%d children, fork gives %s", n, result(pid));
    close(leave[1]);
    if (pid >= 0)
        cannot("limit", "no limit stopped it: root of the machine "
               "is exempt, run it as another user");
    for (int i = 0; i < n; i++) /* until all are zombies */
        waitid(P_PID, pids[i], &info, WEXITED | WNOWAIT);
    say(part, "%d zombies, fork gives %s", n, fork_once());
    while (wait(NULL) > 0)
        ;
    say(part, "all reaped, fork gives %s", fork_once());
}

static void set_limit(rlim_t n)
{
    struct rlimit limit = { n, n };

    check(setrlimit(RLIMIT_NPROC, &limit) < 0, "setrlimit");
}

static void user_limit(void)
{
    /* No process has these ids. The second is for a container that
       has only 65,536. */
    long own = (1L << 30) + getpid();
    long low = 40000 + getpid() % 20000;

    if (syscall(SYS_setresuid, own, own, own) < 0
        && syscall(SYS_setresuid, low, low, low) < 0
        && unshare(CLONE_NEWUSER) < 0)
        cannot("limit", "it cannot get a user id of its own: run "
               "it as root, or where user namespaces are allowed");
    set_limit(most);
    fork_until_it_fails("user", (int)most + 4);
}

static void root_is_exempt(void)
{
    if (geteuid() != 0)
        cannot("limit", "only root can show that root is exempt: "
               "run it as root");
    set_limit(1);
    say("root", "limit 1, fork gives %s", fork_once());
}

static void system_limit(void)
{
    struct utsname name;
    int major = 0, minor = 0, status;
    pid_t pid;

    uname(&name);
    sscanf(name.release, "%d.%d", &major, &minor);
    if (major < 6 || (major == 6 && minor < 14))
        cannot("limit", "before Linux 6.14 pid_max is a limit of "
               "the whole machine: use --only user");
    if (unshare(CLONE_NEWPID) < 0
        && unshare(CLONE_NEWPID | CLONE_NEWUSER) < 0)
        cannot("limit", "it cannot make a pid namespace: run it "
               "as root, or where user namespaces are allowed");
    if ((pid = do_fork()) == 0) { /* process 1 of the namespace */
        int fd = open("/proc/sys/kernel/pid_max", O_WRONLY);

        if (fd < 0 || write(fd, "301", 3) != 3)
            cannot("limit", "it cannot set pid_max of its pid "
                   "namespace: run it as root");
        fork_until_it_fails("system", 1000);
        _exit(0);
    }
    status = reap(pid);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

/* Sets two soft limits, each in a child of its own, and asks for
   CHILD_MAX. */
static void child_max(void)
{
    struct rlimit limit;
    rlim_t soft;

    check(getrlimit(RLIMIT_NPROC, &limit) < 0, "getrlimit");
    soft = limit.rlim_max < 4000 ? limit.rlim_max : 4000;
    for (int i = 0; i < 2; i++, soft--) {
        pid_t pid = do_fork();

        if (pid == 0) {
            limit.rlim_cur = soft;
            check(setrlimit(RLIMIT_NPROC, &limit) < 0, "setrlimit");
            printf("RLIMIT_NPROC %ld: sysconf(_SC_CHILD_MAX) is "
                   "%ld\n", (long)soft, sysconf(_SC_CHILD_MAX));
            exit(0);
        }
        reap(pid);
    }
}

int main(int argc, char *argv[])
{
    int at = option(argc, argv, "only");
    const char *only = at && argv[at + 1] ? argv[at + 1] : "";
    const char *name[] = { "user", "root", "system" };
    void (*run[])(void) = { user_limit, root_is_exempt,
                            system_limit };
    int done = 0, known = 0;

    if (option(argc, argv, "child-max")) {
        child_max();
        return 0;
    }
    if ((at = option(argc, argv, "max")) && argv[at + 1])
        most = (rlim_t)atol(argv[at + 1]);
    if (most < 2 || most > 1000)
        cannot("limit", "--max takes a number from 2 to 1000");
    for (int i = 0; i < 3; i++) {
        pid_t pid;

        if (*only != 0 && strcmp(only, name[i]) != 0)
            continue;
        known = 1;
        if ((pid = do_fork()) == 0) {
            run[i]();
            _exit(0);
        }
        done += reap(pid) == 0;
    }
    if (!known)
        cannot("limit", "--only takes user, root or system");
    return done > 0 ? 0 : 2;
}
