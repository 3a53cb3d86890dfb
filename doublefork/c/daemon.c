/* §8.6, §13.3: a process without a terminal. daemon_serve.h has
   what it does, daemon_stop.h how it is asked and stopped,
   daemon_why.h what each step is for. */
#define _GNU_SOURCE
#include "daemon_serve.h"
#include "daemon_stop.h"
#include "daemon_why.h"
#include <dirent.h>

/* Closes the descriptors from first on. Older C libraries have no
   close_range, and Linux before 5.9 has no such call. */
static int close_from(int first)
{
    struct dirent *d;
    DIR *open;

#ifdef SYS_close_range
    if (syscall(SYS_close_range, first, ~0U, 0) == 0)
        return 0;
    if (errno != ENOSYS)
        return -1;
#endif
    if ((open = opendir("/proc/self/fd")) == NULL)
        return -1;
    while ((d = readdir(open)) != NULL)
        if (atoi(d->d_name) >= first &&
            atoi(d->d_name) != dirfd(open))
            close(atoi(d->d_name));
    return closedir(open);
}

/* Writes to ready what failed, because standard error will be
   /dev/null. */
static void give_up(int ready, const char *call)
{
    dprintf(ready, "%s: %s", call, strerror(errno));
    _exit(1);
}

/* Makes a daemon of the calling process. It keeps ready as 3. */
static void become_daemon(int ready)
{
    int null, fd, kept;
    pid_t pid;

    if (setsid() < 0) /* a session of its own, no terminal */
        give_up(ready, "setsid");
    if ((pid = fork()) < 0) /* it does not lead the session */
        give_up(ready, "fork");
    if (pid > 0)
        _exit(0);
    if (chdir("/") < 0)
        give_up(ready, "chdir");
    umask(0);
    if ((kept = fcntl(ready, F_DUPFD, 4)) < 0)
        give_up(ready, "fcntl");
    if ((null = open("/dev/null", O_RDWR)) < 0)
        give_up(kept, "/dev/null");
    for (fd = 0; fd < 3; fd++)
        if (dup2(null, fd) < 0)
            give_up(kept, "dup2");
    if (dup2(kept, 3) < 0)
        give_up(kept, "dup2");
    if (close_from(4) < 0)
        give_up(3, "close_range");
    execl("/proc/self/exe", "daemon", "--serve", dir, (char *)NULL);
    give_up(3, "exec");
}

/* Makes a daemon, and returns what it writes when it is ready, or
   why it cannot be. */
static const char *start_daemon(void)
{
    static char said[200];
    int ready[2];
    ssize_t n, have = 0;
    pid_t pid;

    if (pipe(ready) < 0)
        fail("pipe");
    if ((pid = do_fork()) == 0) {
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

static void files(void)
{
    printf("pid file: %s, ", there(in_dir("daemon.pid")));
    printf("socket: %s\n", there(in_dir("daemon.sock")));
    fflush(stdout);
}

static pid_t demo_fork(void)
{
    pid_t pid;

    fflush(stdout);
    if ((pid = fork()) < 0) {
        perror("fork");
        rmdir(dir);
        exit(1);
    }
    return pid;
}

static void starter(const char *role)
{
    pid_t pid = demo_fork();

    if (pid == 0) {
        const char *said = start_daemon();
        printf("%s %d: %s\n", role, getpid(), said);
        exit(0);
    }
    reap(pid);
}

/* Starts a daemon from a terminal, then hangs up the terminal. */
static void hang_up(void)
{
    char terminal[64];
    int status, started[2];
    int master = open_pty(terminal, sizeof terminal);
    pid_t pid;

    if (pipe(started) < 0)
        fail("pipe");
    if ((pid = demo_fork()) == 0) {
        close(master);
        signal(SIGHUP, SIG_DFL);
        lead_session(terminal);
        const char *said = start_daemon();
        printf("starter %d, on a terminal: %s\n", getpid(), said);
        fflush(stdout);
        if (strncmp(said, "daemon ", 7) != 0)
            exit(1);
        if (write(started[1], "s", 1) == 1)
            for (;;)
                pause(); /* until SIGHUP */
        exit(1);
    }
    close(started[1]); /* or receive would not see its end */
    receive(started[0]);
    close(master);
    status = reap(pid);
    printf("the terminal is gone, starter %d: ", pid);
    if (WIFSIGNALED(status))
        printf("abnormal termination, signal number = %d\n",
               WTERMSIG(status));
    else
        printf("normal termination, exit status = %d\n",
               WEXITSTATUS(status));
    fflush(stdout);
}

static void demo(int hangup)
{
    new_dir("apue-daemon");
    if (hangup)
        hang_up();
    else
        starter("starter");
    if (status_line() < 0) { /* the starter has printed why */
        perror("no daemon answers");
        unlink(in_dir("daemon.pid"));
        unlink(in_dir("daemon.sock"));
        rmdir(dir);
        exit(1);
    }
    starter("second starter");
    files();
    printf("stopped: daemon %d has ended\n", stop_daemon());
    files();
    if (rmdir(dir) < 0)
        fail("rmdir");
}

/* daemon                start it, show it, stop it
   daemon --hangup       its terminal goes away
   daemon --why STEP     what a step is for
   daemon --start DIR    leave it running, for 60 s
   daemon --status DIR   its status line
   daemon --stop DIR     stop it; DIR has its files */
int main(int argc, char **argv)
{
    int hangup = option(argc, argv, "hangup");
    const char *said;

    /* If SIGCHLD was ignored when this program started, no wait
       would find a child. */
    signal(SIGCHLD, SIG_DFL);
    if (argc == 1 || (argc == 2 && hangup)) {
        demo(hangup);
        return 0;
    }
    if (argc == 3 && option(argc, argv, "why"))
        return why(argv[2]);
    if (argc == 3)
        absolute_dir(argv[2]); /* the daemon works in / */
    if (argc == 3 && option(argc, argv, "serve")) {
        serve(60);
    } else if (argc == 3 && option(argc, argv, "start")) {
        if (mkdir(dir, 0700) < 0 && errno != EEXIST)
            fail(dir);
        said = start_daemon();
        if (strncmp(said, "daemon ", 7) != 0) {
            fprintf(stderr, "%s\n", said);
            return 1;
        }
        puts(said);
    } else if (argc == 3 && option(argc, argv, "status")) {
        if (status_line() < 0)
            fail("no daemon answers");
    } else if (argc == 3 && option(argc, argv, "stop")) {
        printf("daemon %d has ended\n", stop_daemon());
    } else {
        fprintf(stderr, "doublefork daemon: it takes --hangup, "
                "--why STEP, --start DIR (for 60 s), --status DIR "
                "or --stop DIR\n");
        return 2;
    }
    return 0;
}
