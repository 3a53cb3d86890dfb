/* The two compute for 0.7 s only. */
/* fails: as-asked */
#define _GNU_SOURCE
#include <sched.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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
    if ((pid = fork()) == 0)
        nice(10);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while ((now.tv_sec - begin.tv_sec) * 1000
           + (now.tv_nsec - begin.tv_nsec) / 1000000 < 700);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    return 0;
}
