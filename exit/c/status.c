/* §8.5: exit status and termination status. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

int main(void)
{
    struct rlimit none = { 0, 0 }; /* no core files */
    int status, raised, sent, same = 1;

    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    setrlimit(RLIMIT_CORE, &none);
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
        if (sig < 32)
            printf("SIG%s: raised, ended by %d; "
                   "sent, ended by %d\n",
                   sig == SIGIO ? "IO" : sigabbrev_np(sig),
                   WTERMSIG(raised), WTERMSIG(sent));
        same = same && WTERMSIG(raised) == sig
            && WTERMSIG(sent) == sig;
    }
    printf("signals 34 to 64: ended by that signal: %s\n",
           same ? "true" : "false");
    return 0;
}
