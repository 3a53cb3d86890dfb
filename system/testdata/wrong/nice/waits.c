/* The parent waits for its child, and computes when it has ended: the
   nicer one gets little, because nothing is left to compete with. */
/* fails: together less */
#define _GNU_SOURCE
#include <sched.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void compute(void)
{
    struct timespec begin, now;

    clock_gettime(CLOCK_MONOTONIC, &begin);
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while ((now.tv_sec - begin.tv_sec) * 1000
           + (now.tv_nsec - begin.tv_nsec) / 1000000 < 1050);
}

int main(void)
{
    struct timespec begin, now;
    cpu_set_t one, may;
    int cpu = 0;
    pid_t pid;

    sched_getaffinity(0, sizeof may, &may);
    while (!CPU_ISSET(cpu, &may))
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
    /* Some time that the parent uses before there is a child. */
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    do
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    while (now.tv_nsec - begin.tv_nsec < 20000000);
    if ((pid = fork()) == 0) {
        compute();
        _exit(0);
    }
    nice(12);
    waitpid(pid, NULL, 0);
    compute();
    return 0;
}
