/* A second thread forks, and lives on in the child alone. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static int glob = 6;

static void *forker(void *arg)
{
    int var = *(int *)arg;
    siginfo_t info;
    pid_t pid = fork();

    if (pid == 0) {
        glob++;
        var++;
    } else {
        waitid(P_PID, pid, &info, WEXITED);
    }
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    exit(0);
}

int main(void)
{
    pthread_t t;
    int var = 88;

    if (write(1, "one\n", 4) != 4)
        return 1;
    printf("two\n");
    pthread_create(&t, NULL, forker, &var);
    pthread_join(t, NULL);
    return 0;
}
