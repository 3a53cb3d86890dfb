/* forks MODE COUNT KIB: time COUNT children of fork or vfork that
   _exit at once and are waited for, with KIB resident; print the
   nanoseconds for one, and those of processor time. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long resident_kib(void)
{
    char line[128];
    long kib = 0;
    FILE *f = fopen("/proc/self/status", "r");

    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "VmRSS: %ld", &kib) == 1)
            break;
    if (f)
        fclose(f);
    return kib;
}

static double processor_time(void)
{
    int who[] = { RUSAGE_SELF, RUSAGE_CHILDREN };
    double sum = 0;

    for (int i = 0; i < 2; i++) {
        struct rusage r;

        getrusage(who[i], &r);
        sum += r.ru_utime.tv_sec * 1e9 + r.ru_utime.tv_usec * 1e3;
        sum += r.ru_stime.tv_sec * 1e9 + r.ru_stime.tv_usec * 1e3;
    }
    return sum;
}

int main(int argc, char **argv)
{
    struct timespec a, b;
    long n, more, i;
    double used;
    int vforks;

    if (argc != 4)
        return 2;
    vforks = strcmp(argv[1], "vfork") == 0;
    n = atol(argv[2]);
    more = atol(argv[3]) - resident_kib();
    if (more > 0)
        memset(malloc(more << 10), 1, more << 10);
    used = processor_time();
    clock_gettime(CLOCK_MONOTONIC, &a);
    for (i = 0; i < n; i++) {
        pid_t pid = vforks ? vfork() : fork();

        if (pid == 0)
            _exit(0);
        if (pid < 0 || waitpid(pid, NULL, 0) != pid)
            return 1;
    }
    clock_gettime(CLOCK_MONOTONIC, &b);
    printf("%.0f %.0f\n",
           ((b.tv_sec - a.tv_sec) * 1e9 + b.tv_nsec - a.tv_nsec) / n,
           (processor_time() - used) / n);
    return 0;
}
