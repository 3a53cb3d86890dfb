/* A thread forks the first child, which forks from a thread too,
   and another thread waits. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t first;
static int go[2];

static void *in_first(void *arg)
{
    char c;

    if (fork() == 0) {
        if (read(go[0], &c, 1) != 1)
            _exit(1);
        printf("second child, parent pid = %ld\n", (long)getppid());
        fflush(stdout);
        _exit(0);
    }
    exit(0);
    return arg;
}

static void *forks(void *arg)
{
    pthread_t t;

    if ((first = fork()) == 0) {
        pthread_create(&t, NULL, in_first, NULL);
        pthread_join(t, NULL);
    }
    return arg;
}

static void *waits(void *arg)
{
    waitpid(first, NULL, 0);
    if (write(go[1], "g", 1) != 1)
        exit(1);
    return arg;
}

int main(void)
{
    pthread_t t;

    if (pipe(go) < 0)
        return 1;
    pthread_create(&t, NULL, forks, NULL);
    pthread_join(t, NULL);
    pthread_create(&t, NULL, waits, NULL);
    pthread_join(t, NULL);
    return 0;
}
