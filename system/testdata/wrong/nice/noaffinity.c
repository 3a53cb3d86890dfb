/* each of the two may run on every processor
   fails: one-processor less */
#define _GNU_SOURCE
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void compute(double seconds)
{
    double end = now() + seconds;

    while (now() < end)
        ;
}

int main(void)
{
    if (fork() == 0) {
        if (nice(10) == -1)
            _exit(1);
        compute(1.1);
        _exit(0);
    }
    compute(1.1);
    wait(NULL);
    return 0;
}
