/* raise sends SIGTERM to the thread, and the new program is a child's. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(int sig) { (void)sig; }

int main(void)
{
    struct sigaction action = { .sa_handler = handler };
    sigset_t term;
    pid_t pid = fork();

    if (pid == 0) {
        signal(SIGUSR1, SIG_IGN);
        sigaction(SIGUSR2, &action, NULL);
        sigemptyset(&term);
        sigaddset(&term, SIGTERM);
        sigprocmask(SIG_BLOCK, &term, NULL);
        raise(SIGTERM);
        alarm(1);
        execlp("sleep", "sleep", "6", (char *)NULL);
        _exit(127);
    }
    return waitpid(pid, NULL, 0) != pid;
}
