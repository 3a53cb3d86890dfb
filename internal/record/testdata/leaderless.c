/* The first thread ends; the process goes on in its second one: it
   writes, forks, waits and ends. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_t first;

static void *second(void *p)
{
    int status;

    pthread_join(first, NULL);
    write(1, "alone\n", 6);                      /* mark: write */
    if (fork() == 0)                             /* mark: fork */
        _exit(7);
    wait(&status);                               /* mark: wait */
    exit(WEXITSTATUS(status));                   /* mark: exit */
    return p;
}

int main(void)
{
    pthread_t t;

    first = pthread_self();
    pthread_create(&t, NULL, second, NULL);
    pthread_exit(NULL);
}
