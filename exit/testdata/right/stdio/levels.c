/* All one level down, and a thread of the parent does the forks. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(void) { puts("at exit"); }

static void *forks(void *unused)
{
    void (*ends[])(int) = { _exit, exit };
    pid_t pid;

    (void)unused;
    for (int i = 0; i < 2; i++) {
        if ((pid = fork()) == 0) {
            atexit(handler);
            puts("before the end");
            ends[i](0);
        }
        waitpid(pid, NULL, 0);
    }
    return NULL;
}

int main(void)
{
    pthread_t t;

    if (fork() == 0) {
        if (pthread_create(&t, NULL, forks, NULL))
            return 1;
        pthread_join(t, NULL);
        return 0;
    }
    wait(NULL);
    return 0;
}
