/* setpriority by the child for itself. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <sched.h>
#include <sys/resource.h>
#include <time.h>

static void pin(void)
{
    cpu_set_t s, one;
    sched_getaffinity(0, sizeof s, &s);
    CPU_ZERO(&one);
    for (int i = 0;i < CPU_SETSIZE;i++) if (CPU_ISSET(i, &s)) {
        CPU_SET(i, &one);
        break;
    }
    sched_setaffinity(0, sizeof one, &one);
}

static void spin(double sec)
{
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    do {
        for (volatile int i = 0;i < 100000;i++);
        clock_gettime(CLOCK_MONOTONIC, &b);
    }  while ((double)(b.tv_sec-a.tv_sec)+(double)(b.tv_nsec-a.tv_nsec)/1e9 < sec);
}

int main(void)
{
    pin();
    pid_t p = fork();
    if (!p) {
        setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0)+15);
        spin(1.6);
        _exit(0);
    }
    spin(1.6);
    waitpid(p, 0, 0);
    printf("done\n");
    return 0;
}
