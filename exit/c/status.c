/* §8.5: exit status and termination status. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const int exits[] = {
    -1, 0, 1, 42, 127, 128, 255, 256, 257, 1000, 0x5a5a5a5a,
};

enum { EXIT, RAISE, SEND };

/* Make a child that ends like this and return its status. */
static int end_of(int how, int n)
{
    int status;
    pid_t pid = fork();

    if (pid < 0) {
        perror("fork");
        exit(1);
    } else if (pid == 0) {
        if (how == EXIT)
            exit(n);
        if (how == RAISE)
            raise(n);
        for (;;)
            pause();
    }
    if (how == SEND)
        kill(pid, n);
    if (waitpid(pid, &status, 0) != pid) {
        perror("waitpid");
        exit(1);
    }
    return status;
}

/* Does the default action of the signal end the process? 32 and
   33 are the C library's own. */
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

/* The name without SIG; sigabbrev_np is not in every library. */
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
    /* No core files. A limit of 0 lets a core_pattern that is a
       pipe be fed, see core(5). Where the hard limit is 0 it stays
       0. */
    if (setrlimit(RLIMIT_CORE, &core) < 0 && errno != EPERM) {
        perror("setrlimit");
        return 1;
    }
    for (size_t i = 0; i < sizeof exits / sizeof exits[0]; i++) {
        status = end_of(EXIT, exits[i]);
        printf("exit(%d): word 0x%04x, exit status %d\n", exits[i],
               status, WEXITSTATUS(status));
    }
    for (int sig = 1; sig <= 64; sig++) {
        if (!terminates(sig))
            continue;
        signal(sig, SIG_DFL);
        raised = end_of(RAISE, sig);
        sent = end_of(SEND, sig);
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
