/* The parent computes for 0.5 s only, and waits for the child then.
   fails: as-asked */
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

static void one_processor(void)
{
    cpu_set_t may, one;
    int cpu = 0;

    sched_getaffinity(0, sizeof may, &may);
    while (!CPU_ISSET(cpu, &may))
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
}

int main(void)
{
    one_processor();
    if (fork() == 0) {
        if (nice(10) == -1)
            _exit(1);
        compute(1.1);
        _exit(0);
    }
    compute(0.5);
    wait(NULL);
    return 0;
}
