/* Another thread than the first one calls vfork, and the first one
   counts meanwhile. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int glob = 6;
static atomic_int over;
static atomic_long count;

static void *experiment(void *unused)
{
    volatile int var = 88;
    pid_t pid = vfork();

    (void)unused;
    if (pid == 0) {
        glob++;
        var++;
        _exit(0);
    }
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    waitpid(pid, NULL, 0);
    over = 1;
    return NULL;
}

int main(void)
{
    pthread_t t;

    if (pthread_create(&t, NULL, experiment, NULL) != 0)
        return 1;
    while (!over)
        count++;
    return pthread_join(t, NULL);
}
