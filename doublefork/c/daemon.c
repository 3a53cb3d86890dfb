/* §8.6, §13.3: a process that belongs to no terminal. */
#define _GNU_SOURCE
#include "common.h"
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

static char dir[PATH_MAX]; /* where pid file and socket are */

static const char *in_dir(const char *name)
{
    static char path[PATH_MAX + 32];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

/* ------------------------------------------ the daemon's life */

static void report(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vdprintf(3, format, args);
    va_end(args);
}

/* Create the pid file and take its lock, which the kernel frees
   when this process ends, however it ends. */
static int lock_pid_file(void)
{
    struct flock lock = { .l_type = F_WRLCK };
    struct stat a, b;
    int fd;

    for (;;) {
        fd = open(in_dir("daemon.pid"),
                  O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (fd < 0) {
            report("pid file: %s", strerror(errno));
            exit(1);
        }
        if (fcntl(fd, F_SETLK, &lock) < 0) {
            fcntl(fd, F_GETLK, &lock);
            report("refused: it is running as %d", (int)lock.l_pid);
            exit(1);
        }
        if (fstat(fd, &a) == 0 &&
            stat(in_dir("daemon.pid"), &b) == 0 &&
            a.st_ino == b.st_ino && a.st_dev == b.st_dev)
            break;
        close(fd); /* the one before removed it as we opened it */
    }
    if (ftruncate(fd, 0) < 0 || dprintf(fd, "%d\n", getpid()) < 0)
        exit(1);
    return fd;
}

static struct sockaddr_un address(void)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    const char *path = in_dir("daemon.sock");

    if (strlen(path) < sizeof a.sun_path)
        strcpy(a.sun_path, path);
    return a;
}

static void describe(int fd)
{
    char cwd[PATH_MAX] = "?";
    mode_t mask = umask(0);
    int tty = open("/dev/tty", O_RDONLY | O_CLOEXEC);

    umask(mask);
    if (getcwd(cwd, sizeof cwd) == NULL)
        strcpy(cwd, "?");
    dprintf(fd, "daemon %d, parent %d, group %d, session %d, "
                "tty %s, cwd %s, umask %04o\n",
            getpid(), getppid(), getpgrp(), getsid(0),
            tty < 0 ? "none" : "yes", cwd, (unsigned)mask);
    close(tty);
}

/* The thread that tells everybody what this process is. */
static void *answer(void *listener)
{
    int c, l = *(int *)listener;

    for (;;)
        if ((c = accept4(l, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
            describe(c);
            close(c);
        }
    return NULL;
}

static void serve(int seconds)
{
    struct timespec life = { .tv_sec = seconds };
    struct sockaddr_un a;
    pthread_t thread;
    sigset_t term;
    int l;

    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, NULL);
    lock_pid_file();
    a = address();
    unlink(a.sun_path); /* left by one that was killed */
    l = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(l, (struct sockaddr *)&a, sizeof a) < 0 ||
        listen(l, 5) < 0) {
        report("socket: %s", strerror(errno));
        unlink(in_dir("daemon.pid"));
        exit(1);
    }
    chmod(a.sun_path, 0600); /* the umask is 0 */
    report("daemon %d is ready", getpid());
    close(3);

    if (pthread_create(&thread, NULL, answer, &l) == 0)
        sigtimedwait(&term, NULL, &life);
    unlink(a.sun_path);
    unlink(in_dir("daemon.pid")); /* while it is locked */
    exit(0);
}

/* -------------------------------------------------- the recipe */

/* The calling process becomes a daemon. It keeps ready as 3. */
static void become_daemon(int ready)
{
    int null, fd;

    if (setsid() < 0) /* no terminal, a session of its own */
        fail("setsid");
    if (must_fork() > 0) /* which it does not lead */
        _exit(0);
    if (chdir("/") < 0)
        fail("chdir");
    umask(0);
    ready = fcntl(ready, F_DUPFD, 4);
    if ((null = open("/dev/null", O_RDWR)) < 0)
        fail("/dev/null");
    for (fd = 0; fd < 3; fd++)
        dup2(null, fd);
    dup2(ready, 3);
    close_range(4, ~0U, 0);
    execl("/proc/self/exe", "daemon", "-serve", dir, (char *)NULL);
    _exit(127);
}

/* Make a daemon, and return what it says when it is ready, or
   why it can not be. */
static const char *start_daemon(void)
{
    static char said[200];
    int ready[2];
    ssize_t n, have = 0;
    pid_t pid;

    if (pipe(ready) < 0)
        fail("pipe");
    if ((pid = must_fork()) == 0) {
        close(ready[0]);
        become_daemon(ready[1]);
    }
    close(ready[1]);
    reap(pid);
    while (have < (ssize_t)sizeof said - 1 &&
           (n = read(ready[0], said + have, 1)) > 0)
        have += n;
    said[have] = '\0';
    close(ready[0]);
    return have > 0 ? said : "it ended before it was ready";
}

/* ------------------------------------------- talking to it */

static void status_line(void)
{
    struct sockaddr_un a = address();
    char line[300];
    ssize_t n;
    int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (connect(s, (struct sockaddr *)&a, sizeof a) < 0)
        fail("connect");
    while ((n = read(s, line, sizeof line)) > 0)
        fwrite(line, 1, n, stdout);
    close(s);
    fflush(stdout);
}

static pid_t lock_holder(int fd)
{
    struct flock lock = { .l_type = F_WRLCK };

    if (fcntl(fd, F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
        return 0;
    return lock.l_pid;
}

/* Send SIGTERM to the process that holds the lock of the pid
   file, and wait for its end. */
static pid_t stop_daemon(void)
{
    int fd = open(in_dir("daemon.pid"), O_RDWR | O_CLOEXEC);
    pid_t pid = lock_holder(fd);
    struct pollfd p = { .events = POLLIN };

    if (pid == 0 || (p.fd = syscall(SYS_pidfd_open, pid, 0)) < 0 ||
        lock_holder(fd) != pid ||
        syscall(SYS_pidfd_send_signal, p.fd, SIGTERM, NULL, 0) < 0)
        fail("stop");
    while (poll(&p, 1, -1) < 0)
        ;
    close(p.fd);
    close(fd);
    return pid;
}

static const char *there(const char *path)
{
    int fd = open(path, O_PATH | O_CLOEXEC);

    if (fd < 0)
        return "gone";
    close(fd);
    return "there";
}

static void files(void)
{
    printf("pid file: %s, ", there(in_dir("daemon.pid")));
    printf("socket: %s\n", there(in_dir("daemon.sock")));
    fflush(stdout);
}

static void starter(const char *role)
{
    pid_t pid = must_fork();

    if (pid == 0) {
        const char *said = start_daemon();
        printf("%s %d: %s\n", role, getpid(), said);
        exit(0);
    }
    reap(pid);
}

/* Start a daemon from a terminal, and end that terminal. */
static void hang_up(void)
{
    char terminal[64];
    int status, started[2];
    int master = open_pty(terminal, sizeof terminal);
    pid_t pid;

    if (pipe(started) < 0)
        fail("pipe");
    if ((pid = must_fork()) == 0) {
        close(master);
        signal(SIGHUP, SIG_DFL);
        lead_session(terminal);
        const char *said = start_daemon();
        printf("starter %d, on a terminal: %s\n", getpid(), said);
        fflush(stdout);
        if (write(started[1], "s", 1) == 1)
            for (;;)
                pause(); /* until SIGHUP */
        exit(1);
    }
    receive(started[0]);
    close(master);
    status = reap(pid);
    printf("the terminal is gone, starter %d: "
           "abnormal termination, signal number = %d\n",
           pid, WTERMSIG(status));
    fflush(stdout);
}

static void new_dir(const char *name)
{
    const char *tmp = getenv("TMPDIR");

    snprintf(dir, sizeof dir, "%s/%s-XXXXXX",
             tmp ? tmp : "/tmp", name);
    if (mkdtemp(dir) == NULL)
        fail("mkdtemp");
}

static void demo(int hangup)
{
    new_dir("apue-daemon");
    if (hangup)
        hang_up();
    else
        starter("starter");
    status_line();
    starter("second starter");
    files();
    printf("stopped: daemon %d has ended\n", stop_daemon());
    files();
    if (rmdir(dir) < 0)
        fail("rmdir");
}

/* ------------------------------------- what the steps are for */

static void why_setsid(void)
{
    pid_t s = getsid(0), g = getpgrp();

    /* Root may become somebody else. */
    if (setuid(65534) < 0 && setuid(getuid()) < 0)
        fail("setuid");
    printf("after setuid: session and group as before: %s\n",
           getsid(0) == s && getpgrp() == g ? "true" : "false");
    fflush(stdout);
    if (setsid() < 0)
        fail("setsid");
    s = g = getpid();
    printf("after setsid: session and group are its own: %s\n",
           getsid(0) == s && getpgrp() == g ? "true" : "false");
}

static void opens(const char *role)
{
    char terminal[64];

    open_pty(terminal, sizeof terminal);
    if (open(terminal, O_RDWR | O_CLOEXEC) < 0)
        fail(terminal);
    printf("%s opens a terminal, its controlling terminal is %s\n",
           role, open("/dev/tty", 0) < 0 ? "none" : "that one");
    fflush(stdout);
    _exit(0);
}

static void why_fork(void)
{
    pid_t pid = must_fork();

    if (pid == 0) {
        setsid();
        opens("a session leader");
    }
    reap(pid);
    setsid();
    if ((pid = must_fork()) == 0)
        opens("its child");
    reap(pid);
}

static void unmount(const char *where)
{
    const char *seen = umount(dir) == 0 ? "done" :
        errno == EBUSY ? "EBUSY" : strerror(errno);

    printf("in %s: umount: %s, ", where, seen);
    printf("its file is %s\n", there(in_dir("mounted")));
    fflush(stdout);
}

/* Map an id of this user namespace's outside to 0 inside. */
static void map_to_root(const char *path, unsigned id)
{
    int fd = open(path, O_WRONLY);

    dprintf(fd, "0 %u 1", id);
    close(fd);
}

/* Get a mount namespace, if need be by way of a user namespace,
   in which the caller's user and group are 0. */
static int unshare_mounts(void)
{
    uid_t uid = getuid();
    gid_t gid = getgid();
    int fd;

    if (uid == 0)
        return unshare(CLONE_NEWNS);
    if (unshare(CLONE_NEWNS | CLONE_NEWUSER) < 0)
        return -1;
    map_to_root("/proc/self/uid_map", uid);
    fd = open("/proc/self/setgroups", O_WRONLY);
    dprintf(fd, "deny");
    close(fd);
    map_to_root("/proc/self/gid_map", gid);
    return 0;
}

static void why_chdir(void)
{
    new_dir("apue-mount");
    if (unshare_mounts() < 0 ||
        mount("", "/", "", MS_REC | MS_PRIVATE, "") < 0 ||
        mount("apue", dir, "tmpfs", 0, "") < 0) {
        fprintf(stderr, "no file system can be mounted here (%s): "
                "run it as root, or where user namespaces are "
                "allowed\n", strerror(errno));
        rmdir(dir);
        exit(2);
    }
    close(open(in_dir("mounted"), O_WRONLY | O_CREAT, 0600));
    if (chdir(dir) < 0)
        fail("chdir");
    unmount("the file system");
    if (chdir("/") < 0)
        fail("chdir");
    unmount("/");
    rmdir(dir);
}

static void why_umask(void)
{
    static char *name[] = { "under-umask-022", "under-umask-000" };
    pid_t pid;

    umask(022);
    close(open(name[0], O_WRONLY | O_CREAT | O_EXCL, 0666));
    umask(0);
    close(open(name[1], O_WRONLY | O_CREAT | O_EXCL, 0666));
    if ((pid = must_fork()) == 0) {
        execlp("stat", "stat", "-c", "%a %n", name[0], name[1],
               (char *)NULL);
        _exit(127);
    }
    reap(pid);
    unlink(name[0]);
    unlink(name[1]);
}

static int why(const char *step)
{
    static const struct {
        const char *step;
        void (*show)(void);
    } all[] = {
        { "setsid", why_setsid }, { "fork", why_fork },
        { "chdir", why_chdir }, { "umask", why_umask },
    };
    pid_t pid;

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(step, all[i].step) == 0) {
            if ((pid = must_fork()) == 0) {
                all[i].show();
                exit(0);
            }
            return WEXITSTATUS(reap(pid));
        }
    fprintf(stderr,
            "daemon -why: one of setsid, fork, chdir, umask\n");
    return 2;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "-serve") == 0) {
        snprintf(dir, sizeof dir, "%s", argv[2]);
        serve(60);
    }
    if (argc == 3 && strcmp(argv[1], "-why") == 0)
        return why(argv[2]);
    demo(argc == 2 && strcmp(argv[1], "-hangup") == 0);
    return 0;
}
