/* A thread instead of a process: both add to one variable.
   fails: forked copied direct-once buffered-twice as-asked */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
int g = 6;

static void *f(void *a)
{
    int *v = a;
    g++;
    (*v)++;
    printf("pid = %d, glob = %d, var = %d\n", getpid(), g, *v);
    return 0;
}

int main(void)
{
    int v = 88;
    write(1,"direct\n", 7);
    printf("before\n");
    pthread_t t;
    pthread_create(&t, 0, f, &v);
    pthread_join(t, 0);
    printf("pid = %d, glob = %d, var = %d\n", getpid(), g, v);
    return 0;
}
