/* Threads instead of processes: exit ends them all.
   fails: exit-flushes handler-ran _exit-loses was-buffered normal-ends as-asked */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void handler(void) { puts("the handler"); }

static void *first(void *p)
{
    atexit(handler);
    puts("the buffered line");
    return p;
}

static void *second(void *p)
{
    puts("the lost line");
    return p;
}

int main(void)
{
    pthread_t t;

    pthread_create(&t, NULL, first, NULL);
    pthread_join(t, NULL);
    pthread_create(&t, NULL, second, NULL);
    pthread_join(t, NULL);
    exit(0);
}
