/* What a child gets from its parent beside memory and open files:
   the first list of section 8.3. With -root: what needs
   privileges. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define COLUMNS "%-26s%-22s%s\n"

/* One row: how a parent gets an unusual value, 0 if it did, and
   what each of the two processes then finds in itself. */
struct attribute {
    const char *name;
    int (*set)(void);         /* in the parent, before the fork */
    void (*get)(char *value); /* in the child, then in the parent */
    void (*then)(void);       /* in the child, when it has looked */
};

static char text[256]; /* what get writes to */

static void check(int failed, const char *call)
{
    if (failed) {
        perror(call);
        _exit(1);
    }
}

/* The child waits for its parent, says what it finds, and stays
   until the row is printed. */
static void child(const struct attribute *a, int told, int leave)
{
    char c;

    check(read(leave, &c, 1) != 1, "read");
    a->get(text);
    check(write(told, text, strlen(text)) < 0, "write");
    if (a->then)
        a->then();
    close(told);
    check(read(leave, &c, 1) != 0, "read");
    _exit(0);
}

/* The parent sets the value, forks and prints the row. */
static void parent(const struct attribute *a)
{
    char his[256] = "", *end = his;
    int told[2], leave[2];
    ssize_t n;
    pid_t pid;

    if (a->set() != 0) {
        printf("%-26sneeds root: %s\n", a->name, strerror(errno));
        _exit(2);
    }
    check(pipe2(told, O_CLOEXEC) < 0, "pipe2");
    check(pipe2(leave, O_CLOEXEC) < 0, "pipe2");
    check((pid = fork()) < 0, "fork");
    if (pid == 0) {
        close(told[0]);
        close(leave[1]);
        child(a, told[1], leave[0]);
    }
    close(told[1]);
    close(leave[0]);
    check(write(leave[1], ".", 1) != 1, "write");
    while ((n = read(told[0], end, (size_t)(his + 255 - end))) > 0)
        end += n;
    a->get(text);
    printf(COLUMNS, a->name, text, his);
    close(leave[1]); /* now the child may end */
    check(waitpid(pid, NULL, 0) != pid, "waitpid");
    _exit(0);
}

static int set_group(void) { return setpgid(0, 0); }
static void get_group(char *v) { sprintf(v, "%d", (int)getpgrp()); }
static int set_session(void) { return setsid() < 0; }

static void get_session(char *v)
{
    sprintf(v, "%d", (int)getsid(0));
}


static int set_terminal(void)
{
    int ptmx = posix_openpt(O_RDWR | O_NOCTTY), tty;

    if (ptmx < 0 || unlockpt(ptmx) < 0)
        return -1;
    tty = open(ptsname(ptmx), O_RDWR | O_NOCTTY);
    return tty < 0 || setsid() < 0 || ioctl(tty, TIOCSCTTY, 0) < 0;
}

static void get_terminal(char *v)
{
    int fd = open("/dev/tty", O_RDWR | O_NOCTTY);

    strcpy(v, fd < 0 ? "none" : "opens as /dev/tty");
    close(fd);
}

static int set_cwd(void) { return chdir("/"); }
static void get_cwd(char *v) { check(!getcwd(v, 200), "getcwd"); }
static int set_umask(void) { return umask(0135), 0; }

static void get_umask(char *v)
{
    mode_t mask = umask(0);

    umask(mask);
    sprintf(v, "%04o", (unsigned)mask);
}

static int set_mask(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGWINCH);
    return sigprocmask(SIG_BLOCK, &set, NULL);
}

static void get_mask(char *v)
{
    unsigned long bits = 0;
    sigset_t set;

    sigprocmask(SIG_BLOCK, NULL, &set);
    for (int sig = 1; sig <= 64; sig++)
        if (sigismember(&set, sig) == 1)
            bits |= 1ul << (sig - 1);
    sprintf(v, "%016lx", bits);
}

static void disposition(char *v, const char *name, int sig)
{
    struct sigaction sa;

    sigaction(sig, NULL, &sa);
    sprintf(v, "%s %s", name, sa.sa_handler == SIG_IGN ? "ignored"
            : sa.sa_handler == SIG_DFL ? "default" : "caught");
}

static void handler(int sig) { (void)sig; }
static int set_ignored(void) { return signal(SIGUSR2, SIG_IGN), 0; }
static int set_default(void) { return signal(SIGUSR1, SIG_DFL), 0; }
static int set_caught(void) { return signal(SIGUSR1, handler), 0; }
static void get_one(char *v) { disposition(v, "SIGUSR1", SIGUSR1); }
static void get_two(char *v) { disposition(v, "SIGUSR2", SIGUSR2); }
static void send_one(void) { raise(SIGUSR1); } /* it is caught */

static int set_flags(void)
{
    int fd = memfd_create("inherit", 0);

    if (fd < 0 || dup3(fd, 50, O_CLOEXEC) < 0)
        return -1;
    return dup2(fd, 51) < 0;
}

static void get_flags(char *v)
{
    sprintf(v, "50: %d, 51: %d", fcntl(50, F_GETFD),
            fcntl(51, F_GETFD));
}

static int set_environment(void)
{
    char v[40];

    sprintf(v, "set by %d", (int)getpid());
    return setenv("MOOD", v, 1);
}

static void get_environment(char *v) { strcpy(v, getenv("MOOD")); }

static void change_environment(void)
{
    setenv("MOOD", "changed by the child", 1);
}

static char *segment, *mapped;

static int set_segment(void)
{
    int id = shmget(IPC_PRIVATE, 4096, 0600);

    if (id < 0 || (segment = shmat(id, NULL, 0)) == (void *)-1)
        return -1;
    strcpy(segment, "hello");
    return shmctl(id, IPC_RMID, NULL);
}

static void get_segment(char *v) { strcpy(v, segment); }

static int set_mapping(void)
{
    int fd = memfd_create("inherit", 0);

    if (fd < 0 || write(fd, "hello", 5) != 5)
        return -1;
    mapped = mmap(NULL, 5, PROT_READ, MAP_SHARED, fd, 0);
    return mapped == MAP_FAILED;
}

static void get_mapping(char *v) { sprintf(v, "%.5s", mapped); }

static int set_limit(void)
{
    struct rlimit limit;

    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 12345678;
    return setrlimit(RLIMIT_FSIZE, &limit);
}

static void get_limit(char *v)
{
    struct rlimit limit;

    getrlimit(RLIMIT_FSIZE, &limit);
    sprintf(v, "%lu bytes", (unsigned long)limit.rlim_cur);
}

static int set_nice(void)
{
    return setpriority(PRIO_PROCESS, 0, 17);
}

static void get_nice(char *v)
{
    sprintf(v, "%d", getpriority(PRIO_PROCESS, 0));
}

static const struct attribute ordinary[] = {
    { "process group ID", set_group, get_group, NULL },
    { "session ID", set_session, get_session, NULL },
    { "controlling terminal", set_terminal, get_terminal, NULL },
    { "working directory", set_cwd, get_cwd, NULL },
    { "file mode creation mask", set_umask, get_umask, NULL },
    { "signal mask", set_mask, get_mask, NULL },
    { "ignored signal", set_ignored, get_two, NULL },
    { "default signal", set_default, get_one, NULL },
    { "caught signal", set_caught, get_one, send_one },
    { "close-on-exec flags", set_flags, get_flags, NULL },
    { "environment", set_environment, get_environment,
      change_environment },
    { "shared memory segment", set_segment, get_segment, NULL },
    { "memory mapping", set_mapping, get_mapping, NULL },
    { "resource limit", set_limit, get_limit, NULL },
    { "nice value", set_nice, get_nice, NULL },
    { NULL, NULL, NULL, NULL },
};

static int set_ruid(void) { return setresuid(7000001, -1, -1); }
static int set_euid(void) { return setresuid(-1, 7000002, -1); }
static int set_suid(void) { return setresuid(-1, -1, 7000003); }
static int set_rgid(void) { return setresgid(7000001, -1, -1); }
static int set_egid(void) { return setresgid(-1, 7000002, -1); }
static int set_sgid(void) { return setresgid(-1, -1, 7000003); }

static void get_id(char *v, int which, int group)
{
    uid_t u[3];
    gid_t g[3];

    getresuid(&u[0], &u[1], &u[2]);
    getresgid(&g[0], &g[1], &g[2]);
    sprintf(v, "%u", group ? g[which] : u[which]);
}

static void get_ruid(char *v) { get_id(v, 0, 0); }
static void get_euid(char *v) { get_id(v, 1, 0); }
static void get_suid(char *v) { get_id(v, 2, 0); }
static void get_rgid(char *v) { get_id(v, 0, 1); }
static void get_egid(char *v) { get_id(v, 1, 1); }
static void get_sgid(char *v) { get_id(v, 2, 1); }

static int set_groups(void)
{
    gid_t g[2] = { 7000004, 7000005 };

    return setgroups(2, g);
}

static void get_groups(char *v)
{
    gid_t g[64];
    int n = getgroups(64, g);

    *v = '\0';
    for (int i = 0; i < n && i < 10; i++)
        v += sprintf(v, i ? " %u" : "%u", g[i]);
}

static struct stat usr;

static int set_root(void)
{
    return stat("/usr", &usr) < 0 || chroot("/usr") < 0;
}

static void get_root(char *v)
{
    struct stat now;

    check(stat("/", &now) < 0, "stat");
    strcpy(v, now.st_dev == usr.st_dev && now.st_ino == usr.st_ino
           ? "/usr" : "another");
}

static const struct attribute privileged[] = {
    { "real user ID", set_ruid, get_ruid, NULL },
    { "effective user ID", set_euid, get_euid, NULL },
    { "saved set-user-ID", set_suid, get_suid, NULL },
    { "real group ID", set_rgid, get_rgid, NULL },
    { "effective group ID", set_egid, get_egid, NULL },
    { "saved set-group-ID", set_sgid, get_sgid, NULL },
    { "supplementary groups", set_groups, get_groups, NULL },
    { "root directory", set_root, get_root, NULL },
    { NULL, NULL, NULL, NULL },
};

int main(int argc, char *argv[])
{
    const struct attribute *a = ordinary;
    int status, refused = 0;
    pid_t pid;

    if (argc > 1 && strcmp(argv[1], "-root") == 0)
        a = privileged;
    setvbuf(stdout, NULL, _IOLBF, 0);
    /* What a row sets has to be unusual: SIGUSR1 is ignored. */
    signal(SIGUSR1, SIG_IGN);
    printf(COLUMNS, "attribute", "parent", "child");
    for (; a->name; a++) {
        /* The parent of a row is a process of its own: what it
           sets is no business of the next row's. */
        check((pid = fork()) < 0, "fork");
        if (pid == 0)
            parent(a);
        check(waitpid(pid, &status, 0) != pid, "waitpid");
        refused |= status;
    }
    if (refused) {
        fprintf(stderr, "fork inherit: some of these need "
                "privileges: run it as root, outside a "
                "container\n");
        return 2;
    }
    return 0;
}
