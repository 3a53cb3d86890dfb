/* wait4, more lines than asked for, and other letters. */
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
#include <sys/resource.h>
#include <sys/times.h>

static long t(void)
{
    struct tms m;
    times(&m);
    return m.tms_cutime+m.tms_cstime;
}

static void work(long us)
{
    struct rusage r;
    do {
        for (volatile int i = 0;i < 100000;i++);
        getrusage(RUSAGE_SELF, &r);
    }  while (r.ru_utime.tv_sec*1000000+r.ru_utime.tv_usec < us);
}

int main(void)
{
    printf("clock ticks: %ld\n", sysconf(_SC_CLK_TCK));
    long a = t();
    pid_t p = fork();
    if (!p) {
        work(400000);
        exit(3);
    }
    siginfo_t i;
    while (waitid(P_PID, p, &i, WEXITED|WNOWAIT));
    long b = t();
    int s;
    struct rusage r;
    wait4(p, &s, 0, &r);
    long c = t();
    dprintf(2,"x\n");
    printf("Before = %ld, Dead = %ld, Waited = %ld\n", a, b, c);
    return 0;
}
