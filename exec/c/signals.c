/* Signals and alarms across an exec. */
#define _GNU_SOURCE
#include "common.h"

#include <signal.h>
#include <sys/time.h>

/* Whether the signal is in a set of /proc/PID/status. */
static int in_set(pid_t pid, const char *name, int sig)
{
    char path[64], line[256];
    unsigned long set = 0;
    size_t n = strlen(name);
    FILE *f;

    snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
    check((f = fopen(path, "re")) == NULL, path);
    while (fgets(line, sizeof line, f))
        if (strncmp(line, name, n) == 0 && line[n] == ':')
            set = strtoul(line + n + 1, NULL, 16);
    fclose(f);
    return set >> (sig - 1) & 1;
}

static const char *disposition(pid_t pid, int sig)
{
    return in_set(pid, "SigIgn", sig) ? "ignored"
        : in_set(pid, "SigCgt", sig) ? "caught" : "default";
}

static void say_states(pid_t pid, const char *when)
{
    printf("child %ld: %s USR1 %s, ", (long)pid, when,
           disposition(pid, SIGUSR1));
    printf("USR2 %s, TERM %s\n", disposition(pid, SIGUSR2),
           in_set(pid, "SigBlk", SIGTERM)
           && in_set(pid, "ShdPnd", SIGTERM)
           ? "pending" : "not pending");
    fflush(stdout);
}

static void handler(int sig) { (void)sig; }

int main(void)
{
    struct itimerval second = { .it_value = { .tv_sec = 1 } };
    struct sigaction act = { .sa_handler = handler };
    sigset_t set;
    int fd[2];
    char c;
    pid_t pid;

    check(pipe2(fd, O_CLOEXEC) < 0, "pipe2");
    if ((pid = do_fork()) == 0) {
        signal(SIGUSR1, SIG_IGN);
        sigaction(SIGUSR2, &act, NULL);
        signal(SIGALRM, SIG_DFL);
        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        sigprocmask(SIG_BLOCK, &set, NULL);
        kill(getpid(), SIGTERM);
        setitimer(ITIMER_REAL, &second, NULL);
        say_states(getpid(), "before:");
        execlp("sleep", "sleep", "5", (char *)NULL);
        failed("execlp");
    }
    close(fd[1]);
    check(read(fd[0], &c, 1) < 0, "read"); /* end: the exec */
    say_states(pid, "after: ");
    say_status("parent", reap(pid));
    return 0;
}
