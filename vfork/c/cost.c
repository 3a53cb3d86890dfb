/* fork and vfork compared, for a parent with more and more
   memory. */
#define _GNU_SOURCE
#include "common.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>

static long runs = 5, largest = 1024;
static int brief;

/* The number after the key in a file of /proc. */
static long field(const char *file, const char *key)
{
    char line[256];
    long n = 0;
    FILE *f = fopen(file, "re");

    check(f == NULL, file);
    while (fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, key, strlen(key)) == 0)
            n = atol(line + strlen(key));
    fclose(f);
    return n;
}

static pid_t forks(void)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    return pid;
}

static __attribute__((noinline)) pid_t vforks(void)
{
    pid_t pid = vfork();

    if (pid == 0)
        _exit(0);
    return pid;
}

static int longer(const void *a, const void *b)
{
    long x = *(const long *)a, y = *(const long *)b;

    return (x > y) - (x < y);
}

/* Microseconds from the start of a child until it is reaped. */
static long median(pid_t (*start)(void))
{
    long *took = calloc(runs, sizeof *took), mid;

    check(took == NULL, "calloc");
    for (long i = 0; i < runs; i++) {
        struct timespec from, to;

        clock_gettime(CLOCK_MONOTONIC, &from);
        reap(start());
        clock_gettime(CLOCK_MONOTONIC, &to);
        took[i] = (to.tv_sec - from.tv_sec) * 1000000
                  + (to.tv_nsec - from.tv_nsec) / 1000;
    }
    qsort(took, runs, sizeof *took, longer);
    mid = took[runs / 2];
    free(took);
    return mid;
}

/* The number in a file of the control group, or 0 if there is no
   such file or no limit ("max"). */
static long cgroup(const char *file)
{
    long n = 0;
    FILE *f = fopen(file, "re");

    if (f != NULL && fscanf(f, "%ld", &n) != 1)
        n = 0;
    if (f != NULL)
        fclose(f);
    return n;
}

/* How much memory is free, in MiB, on the machine and in its
   control group. */
static long free_mib(void)
{
    long free = field("/proc/meminfo", "MemAvailable:") / 1024;
    long limit = cgroup("/sys/fs/cgroup/memory.max");
    long used = cgroup("/sys/fs/cgroup/memory.current");

    if (limit > 0 && (limit - used) / 1048576 < free)
        free = (limit - used) / 1048576;
    return free;
}

/* The size of the page tables of a forked child, in kB. */
static long tables_of_child(void)
{
    char file[64], c;
    int p[2];
    long kB;
    pid_t pid;

    check(pipe2(p, O_CLOEXEC) < 0, "pipe2");
    check((pid = fork()) < 0, "fork");
    if (pid == 0) { /* lives until its parent has looked */
        close(p[1]);
        _exit(read(p[0], &c, 1) != 0);
    }
    close(p[0]);
    snprintf(file, sizeof file, "/proc/%ld/status", (long)pid);
    kB = field(file, "VmPTE:");
    close(p[1]);
    reap(pid);
    return kB;
}

int main(int argc, char *argv[])
{
    long first = 0, last = 0, half, mib, done = 1;
    int at;

    brief = option(argc, argv, "brief");
    if ((at = option(argc, argv, "max")) && argv[at + 1])
        largest = atol(argv[at + 1]);
    if ((at = option(argc, argv, "n")) && argv[at + 1])
        runs = atol(argv[at + 1]);
    runs = runs < 1 ? 1 : runs;
    if (largest < 4) {
        fprintf(stderr, "vfork cost: --max takes a number from 4, "
                "because two sizes are compared\n");
        return 2;
    }
    if ((half = free_mib() / 2) < 4) {
        fprintf(stderr, "vfork cost: it needs 8 MiB of free "
                "memory: end another program first\n");
        return 2;
    }
    largest = largest > half ? half : largest;
    for (mib = 1; mib <= largest; mib *= 4) {
        size_t size = (size_t)mib << 20;
        long fork_us, vfork_us;
        char *b = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        check(b == MAP_FAILED, "mmap");
        madvise(b, size, MADV_NOHUGEPAGE); /* an entry for each */
        for (size_t i = 0; i < size; i += sysconf(_SC_PAGESIZE))
            b[i] = 1;
        fork_us = median(forks);
        vfork_us = median(vforks);
        last = tables_of_child();
        if (mib == 1) {
            first = last;
            if (!brief)
                printf("   MiB     fork    vfork   page tables\n");
        }
        if (!brief)
            printf("%6ld %5ld \302\265s %5ld \302\265s %10ld kB\n",
                   mib, fork_us, vfork_us, last);
        fflush(stdout);
        munmap(b, size);
        done = mib;
    }
    printf("fork copies %.0f kB of page tables for each MiB, "
           "vfork 0\n", (double)(last - first) / (done - 1));
    return 0;
}
