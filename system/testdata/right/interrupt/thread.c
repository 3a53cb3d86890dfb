/* The library's system in a second thread: the mask is the thread's. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static void *command(void *status)
{
    *(int *)status = system("sleep 0.4");
    return NULL;
}

int main(void)
{
    pthread_t thread;
    int status = -1;

    if (pthread_create(&thread, NULL, command, &status) != 0)
        return 1;
    pthread_join(thread, NULL);
    printf("status %d\n", status);
    return 0;
}
