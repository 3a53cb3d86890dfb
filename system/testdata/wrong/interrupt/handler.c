/* The caller catches SIGINT and SIGQUIT instead of ignoring them. */
/* fails: ignored before-the-fork */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(int sig) { (void)sig; }

int main(void)
{
    sigset_t child, saved;
    pid_t pid;

    signal(SIGINT, handler);
    signal(SIGQUIT, handler);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, &saved);
    if ((pid = fork()) == 0) {
        sigprocmask(SIG_SETMASK, &saved, NULL);
        execl("/bin/sh", "sh", "-c", "sleep 0.4", (char *)0);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    sigprocmask(SIG_SETMASK, &saved, NULL);
    signal(SIGINT, SIG_DFL);
    signal(SIGQUIT, SIG_DFL);
    puts("afterwards");
    return 0;
}
