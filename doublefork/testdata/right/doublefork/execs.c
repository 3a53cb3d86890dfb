/* The second child executes this program again under another
   name, and SIGCHLD's handler does the original's wait. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t reaped;

static void child_ended(int sig)
{
    (void)sig;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        reaped = 1;
}

int main(int argc, char **argv)
{
    sigset_t chld, old;
    int p[2];
    char c;

    if (argc > 1 && strcmp(argv[1], "second") == 0) {
        if (read(0, &c, 1) != 1)
            return 1;
        printf("second child, parent pid = %d\n", getppid());
        return 0;
    }
    if (pipe(p) < 0)
        return 1;
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, &old);
    signal(SIGCHLD, child_ended);
    if (fork() == 0) {
        sigprocmask(SIG_SETMASK, &old, NULL);
        if (fork() == 0) {
            dup2(p[0], 0);
            execl("/proc/self/exe", argv[0], "second", (char *)NULL);
            _exit(127);
        }
        _exit(0);
    }
    while (!reaped)
        sigsuspend(&old);
    return write(p[1], "g", 1) != 1;
}
