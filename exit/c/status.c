/* §8.5: exit status and termination status. */
#define _GNU_SOURCE
#include "common.h"

#include <errno.h>
#include <sys/resource.h>

static const int exits[] = {
    -1, 0, 1, 42, 127, 128, 255, 256, 257, 1000, 0x5a5a5a5a,
};

enum { EXIT, RAISE, SEND };

/* Makes a child that ends in this way, and returns its status. */
static int status_of(int way, int n)
{
    pid_t pid = do_fork();

    if (pid == 0) {
        if (way == EXIT)
            exit(n);
        if (way == RAISE)
            raise(n);
        for (;;)
            pause();
    }
    if (way == SEND)
        kill(pid, n);
    return reap(pid);
}

/* Whether the default action of the signal ends the process. The C
   library uses 32 and 33 for itself. */
static int terminates(int sig)
{
    switch (sig) {
    case SIGCHLD: case SIGURG: case SIGWINCH: /* ignored */
    case SIGSTOP: case SIGTSTP: case SIGTTIN: case SIGTTOU:
    case SIGCONT: case 32: case 33:
        return 0;
    }
    return 1;
}

/* The name without SIG. Not every C library has sigabbrev_np. */
static const char *name_of(int sig)
{
    static const char *const names[32] = {
        [SIGHUP] = "HUP", [SIGINT] = "INT", [SIGQUIT] = "QUIT",
        [SIGILL] = "ILL", [SIGTRAP] = "TRAP", [SIGABRT] = "ABRT",
        [SIGBUS] = "BUS", [SIGFPE] = "FPE", [SIGKILL] = "KILL",
        [SIGUSR1] = "USR1", [SIGSEGV] = "SEGV", [SIGUSR2] = "USR2",
        [SIGPIPE] = "PIPE", [SIGALRM] = "ALRM", [SIGTERM] = "TERM",
        [SIGSTKFLT] = "STKFLT", [SIGXCPU] = "XCPU",
        [SIGXFSZ] = "XFSZ", [SIGVTALRM] = "VTALRM",
        [SIGPROF] = "PROF", [SIGIO] = "IO", [SIGPWR] = "PWR",
        [SIGSYS] = "SYS",
    };

    return names[sig] ? names[sig] : "?";
}

int main(void)
{
    struct rlimit core = { 1, 1 };
    int status, raised, sent, same = 1;

    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    /* The children inherit this limit, so they make no core files.
       It is 1 byte, because a core_pattern that is a pipe is used
       even with a limit of 0, see core(5). EPERM means that the
       hard limit is 0 already. */
    check(setrlimit(RLIMIT_CORE, &core) < 0 && errno != EPERM,
          "setrlimit");
    for (size_t i = 0; i < sizeof exits / sizeof exits[0]; i++) {
        status = status_of(EXIT, exits[i]);
        printf("exit(%d): word 0x%04x, exit status %d\n", exits[i],
               status, WEXITSTATUS(status));
    }
    for (int sig = 1; sig <= 64; sig++) {
        if (!terminates(sig))
            continue;
        signal(sig, SIG_DFL);
        raised = status_of(RAISE, sig);
        sent = status_of(SEND, sig);
        if (sig < 32) {
            printf("SIG%s: raised, ended by %d; "
                   "sent, ended by %d\n", name_of(sig),
                   WTERMSIG(raised), WTERMSIG(sent));
            continue;
        }
        same = same && WTERMSIG(raised) == sig
            && WTERMSIG(sent) == sig;
    }
    printf("signals 34 to 64: ended by that signal: %s\n",
           same ? "true" : "false");
    return 0;
}
