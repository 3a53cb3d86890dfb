/* The three numbers the wrong way round.
   fails: said-right */
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
    long a = t();
    pid_t p = fork();
    if (!p) {
        work(300000);
        _exit(0);
    }
    siginfo_t i;
    waitid(P_PID, p, &i, WEXITED|WNOWAIT);
    long b = t();
    waitpid(p, 0, 0);
    long c = t();
    printf("before = %ld, dead = %ld, waited = %ld\n", c, b, a);
    return 0;
}
