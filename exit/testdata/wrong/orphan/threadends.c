/* Only the parent's main thread ends: the process, and so the parent, does not.
   fails: parent-first adopted saw-it as-asked */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *waits(void *p)
{
    wait(NULL);
    exit(0);
    return p;
}

int main(void)
{
    pthread_t t;

    if (fork() == 0) {
        usleep(100000);
        printf("parent pid = %d\n", (int)getppid());
        return 0;
    }
    pthread_create(&t, NULL, waits, NULL);
    pthread_exit(NULL);
}
