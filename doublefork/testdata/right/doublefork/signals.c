/* The original tells the second child by a signal, whose pid it
   has from shared memory. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void nothing(int sig) { (void)sig; }

int main(void)
{
    sigset_t usr1, none;
    pid_t *second, pid;

    second = mmap(NULL, sizeof *second, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    sigemptyset(&none);
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    sigprocmask(SIG_BLOCK, &usr1, NULL);
    signal(SIGUSR1, nothing);

    if ((pid = fork()) == 0) {
        if ((*second = fork()) == 0) {
            sigsuspend(&none);
            printf("second child, parent pid = %d\n", getppid());
            exit(0);
        }
        exit(3);
    }
    waitpid(pid, NULL, 0);
    kill(*second, SIGUSR1);
    return 0;
}
