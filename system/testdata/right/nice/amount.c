/* Each computes until it has had an amount of processor time.
   limit: 1m */
#define _GNU_SOURCE
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void compute(double seconds)
{
    while (clock() < seconds * CLOCKS_PER_SEC)
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
        if (nice(19) == -1)
            _exit(1);
        compute(0.2);
        _exit(0);
    }
    compute(1.1);
    wait(NULL);
    return 0;
}
