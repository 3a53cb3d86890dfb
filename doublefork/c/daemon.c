/* §8.6, §13.3: a process that belongs to no terminal. Its life is
   in daemon_serve.h, what talks to it in daemon_stop.h, and what
   each step is for in daemon_why.h. */
#define _GNU_SOURCE
#include "daemon_serve.h"
#include "daemon_stop.h"
#include "daemon_why.h"

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

/* daemon               start it, show it, stop it
   daemon -hangup       its terminal goes away
   daemon -why STEP     what a step is for
   daemon -start DIR    and -status, -stop: DIR has its files */
int main(int argc, char **argv)
{
    const char *what = argc == 3 ? argv[1] : "";

    signal(SIGCHLD, SIG_DFL); /* or no wait would find its child */
    if (strcmp(what, "-why") == 0)
        return why(argv[2]);
    if (argc == 3)
        snprintf(dir, sizeof dir, "%s", argv[2]);
    if (strcmp(what, "-serve") == 0)
        serve(60);
    else if (strcmp(what, "-start") == 0 &&
             (mkdir(dir, 0700) == 0 || errno == EEXIST))
        puts(start_daemon());
    else if (strcmp(what, "-status") == 0)
        status_line();
    else if (strcmp(what, "-stop") == 0)
        printf("daemon %d has ended\n", stop_daemon());
    else
        demo(argc == 2 && strcmp(argv[1], "-hangup") == 0);
    return 0;
}
