/* A thread shares the memory too, and is no child.
   fails: vforked shared by-the-child underscore-exit as-asked */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static int glob = 6;

static void *add(void *var)
{
    glob++;
    ++*(int *)var;
    return NULL;
}

int main(void)
{
    int var = 88;
    pthread_t t;

    pthread_create(&t, NULL, add, &var);
    pthread_join(t, NULL);
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    return 0;
}
