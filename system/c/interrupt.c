/* Section 8.13, §10.18: system with the signals handled. --more:
   what else there is to it. --terminal: control-C on a terminal. */
#include "common.h"

#include <sys/ioctl.h>

/* The function system as POSIX has it. */
static int posix_system(const char *command)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    struct sigaction on_int, on_quit;
    sigset_t chld, mask;
    int status = -1;
    pid_t pid;

    sigaction(SIGINT, &ignore, &on_int);
    sigaction(SIGQUIT, &ignore, &on_quit);
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, &mask);

    if ((pid = fork()) == 0) {
        sigaction(SIGINT, &on_int, NULL);
        sigaction(SIGQUIT, &on_quit, NULL);
        sigprocmask(SIG_SETMASK, &mask, NULL);
        execl("/bin/sh", "sh", "-c", command, (char *)0);
        _exit(127);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) {
            status = -1;
            break;
        }
    sigaction(SIGINT, &on_int, NULL);
    sigaction(SIGQUIT, &on_quit, NULL);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    return status;
}

/* The function of Figure 8.22. */
static int plain_system(const char *command)
{
    int status = -1;
    pid_t pid = fork();

    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", command, (char *)0);
        _exit(127);
    }
    waitpid(pid, &status, 0);
    return status;
}

static volatile sig_atomic_t caught;

static void catch(int sig)
{
    (void)sig;
    caught++;
}

static void child_caught(void)
{
    struct sigaction act = { .sa_handler = catch,
                             .sa_flags = SA_RESTART };
    int status;

    sigaction(SIGCHLD, &act, NULL);
    status = posix_system("exit 0");
    say("SIGCHLD caught: %s, %s; caught after it: %d",
        ended(status), result(status == -1), (int)caught);
}

static void child_ignored(void)
{
    int status;

    signal(SIGCHLD, SIG_IGN);
    status = posix_system("echo the command runs");
    say("SIGCHLD ignored: %s", result(status == -1));
}

static void interrupt_ignored(void)
{
    int status;

    signal(SIGINT, SIG_IGN);
    status = posix_system("kill -INT $$; "
                          "echo the command ignores SIGINT");
    say("SIGINT ignored before: %s", result(status == -1));
}

/* Has a caller run a command on a terminal of its own, types
   control-C when the command has begun, and says how the caller
   ended. */
static void control_c(const char *what, int (*run)(const char *))
{
    int n, zero = 0, status;
    int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    char path[32], text[64];
    pid_t caller;

    if (master < 0 || ioctl(master, TIOCSPTLCK, &zero) < 0
        || ioctl(master, TIOCGPTN, &n) < 0)
        cannot("interrupt", "no pseudo-terminal can be opened: "
               "mount devpts at /dev/pts, with /dev/ptmx");
    snprintf(path, sizeof path, "/dev/pts/%d", n);
    if ((caller = do_fork()) == 0) {
        int terminal;

        check(setsid() < 0, "setsid");
        terminal = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
        check(terminal < 0 || ioctl(terminal, TIOCSCTTY, 0) < 0
              || dup2(terminal, 2) < 0, path);
        close(master);
        signal(SIGINT, SIG_DFL);
        status = run("echo >&2; exec sleep 60");
        say("%s: the command: %s, %s", what, ended(status),
            result(status == -1));
        _exit(0);
    }
    /* The command has begun. */
    check(read(master, text, sizeof text) < 0, "read");
    check(write(master, "\003", 1) < 0, "write");
    status = reap(caller);
    if (WIFSIGNALED(status))
        say("%s: the caller: killed by SIGINT (%d)", what,
            WTERMSIG(status));
    else
        say("%s: the caller: exited %d", what, WEXITSTATUS(status));
    close(master);
}

static void default_case(void)
{
    say("the command: %s", ended(posix_system("sleep 0.4")));
}

int main(int argc, char *argv[])
{
    if (option(argc, argv, "more")) {
        in_child(child_caught);
        in_child(child_ignored);
        in_child(interrupt_ignored);
    } else if (option(argc, argv, "terminal")) {
        control_c("with signals handled", posix_system);
        control_c("as in Figure 8.22", plain_system);
    } else {
        in_child(default_case);
    }
    return 0;
}
