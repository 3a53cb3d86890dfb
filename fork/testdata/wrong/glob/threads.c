/* A thread instead of a process: nothing is copied.
   fails: forked copied direct-once buffered-twice as-asked */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static int glob = 6, var = 88;

static void *child(void *arg)
{
    glob++;
    var++;
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    return arg;
}

int main(void)
{
    pthread_t t;

    if (write(1, "a write to stdout\n", 18) != 18)
        return 1;
    printf("before fork\n");
    pthread_create(&t, NULL, child, NULL);
    pthread_join(t, NULL);
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    return 0;
}
