/* A thread makes the child, another one ends the process. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static pid_t me;

static void *forks(void *p)
{
    if (fork() == 0) {
        while (getppid() == me)
            usleep(1000);
        printf("parent pid = %d\n", (int)getppid());
        exit(0);
    }
    return p;
}

static void *ends(void *p)
{
    exit(3);
    return p;
}

int main(void)
{
    pthread_t t;

    me = getpid();
    pthread_create(&t, NULL, forks, NULL);
    pthread_join(t, NULL);
    pthread_create(&t, NULL, ends, NULL);
    pause();
    return 0;
}
