/* The first thread ends; the process goes on in its second one: it
   writes, forks, waits and ends. */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_t first;

/* zombie tells whether /proc shows that the first thread has ended. */
static int zombie(void)
{
    char text[256], *end;
    int fd = open("/proc/self/stat", O_RDONLY), n = read(fd, text, sizeof text - 1);

    close(fd);
    text[n < 0 ? 0 : n] = 0;
    end = strrchr(text, ')');
    return end && end[2] == 'Z';
}

static void *second(void *p)
{
    int status;

    pthread_join(first, NULL);
    while (!zombie())                            /* joined before it is one */
        sched_yield();
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
