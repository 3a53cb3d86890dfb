/* Figures 8.5, 8.6: three ways to end, three statuses. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void pr_exit(int status)
{
    if (WIFEXITED(status))
        printf("normal termination, exit status = %d\n",
               WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        printf("abnormal termination, signal number = %d%s\n",
               WTERMSIG(status),
               WCOREDUMP(status) ? " (core file generated)" : "");
    else if (WIFSTOPPED(status))
        printf("child stopped, signal number = %d\n",
               WSTOPSIG(status));
}

static void exit7(void) { exit(7); }
static void sigfpe(void) { raise(SIGFPE); }

/* Make a child that ends in its own way, wait for it and print
   its termination status. */
static void wait_for(void (*end)(void))
{
    int status;
    pid_t pid = fork();

    if (pid < 0) {
        perror("fork");
        exit(1);
    } else if (pid == 0) {
        end();
        _exit(99); /* not reached */
    }
    if (wait(&status) != pid) {
        perror("wait");
        exit(1);
    }
    pr_exit(status);
    fflush(stdout); /* or the next child has it too */
}

int main(void)
{
    wait_for(exit7);
    wait_for(abort);
    wait_for(sigfpe);
    return 0;
}
