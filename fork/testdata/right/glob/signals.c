/* In step by signals: the child says with SIGUSR1 that it has
   changed its variables, and waits for the parent's SIGUSR2. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int glob = 6;

static void nothing(int sig) { (void)sig; }

int main(void)
{
    struct sigaction sa;
    sigset_t both, old, wait_set;
    int local = 88;
    pid_t pid;

    memset(&sa, 0, sizeof sa);
    sa.sa_handler = nothing;
    sigaction(SIGUSR1, &sa, NULL);
    sigaction(SIGUSR2, &sa, NULL);
    sigemptyset(&both);
    sigaddset(&both, SIGUSR1);
    sigaddset(&both, SIGUSR2);
    sigprocmask(SIG_BLOCK, &both, &old);

    if (write(STDERR_FILENO + -1, "raw line\n", 9) != 9)
        return 1;
    printf("%s line\n", "cooked");
    pid = fork();
    wait_set = old;
    if (pid == 0) {
        glob += 1;
        local += 1;
        kill(getppid(), SIGUSR1);
        sigdelset(&wait_set, SIGUSR2);
        sigsuspend(&wait_set);
    } else {
        sigdelset(&wait_set, SIGUSR1);
        sigsuspend(&wait_set);
        kill(pid, SIGUSR2);
    }
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, local);
    exit(0);
}
