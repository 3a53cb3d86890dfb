/* times, and a child that looks at its own time. */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <unistd.h>

static long t(void)
{
    struct tms m;
    times(&m);
    return m.tms_cutime+m.tms_cstime;
}

int main(void)
{
    long a = t();
    pid_t p = fork();
    if (!p) {
        struct rusage r;
        do {
            for (volatile int i = 0;i < 1000000;i++);
            getrusage(RUSAGE_SELF, &r);
        }  while (r.ru_utime.tv_sec*1000000+r.ru_utime.tv_usec < 300000);
        _exit(0);
    }
    siginfo_t s;
    waitid(P_PID, p, &s, WEXITED|WNOWAIT);
    long b = t();
    waitpid(p, 0, 0);
    long c = t();
    printf("before = %ld, dead = %ld, waited = %ld\n", a, b, c);
    return 0;
}
