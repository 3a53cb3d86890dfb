/* Fork against vfork while the parent's memory grows. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long runs = 5, largest = 1024;
static int brief;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* The number after the key in a file of /proc. */
static long field(const char *file, const char *key)
{
    char line[256];
    long n = 0;
    FILE *f = fopen(file, "re");

    if (f == NULL)
        die(file);
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

/* Microseconds from the start of a child to its collection. */
static long median(pid_t (*start)(void))
{
    long *took = calloc(runs, sizeof *took), mid;

    if (took == NULL)
        die("calloc");
    for (long i = 0; i < runs; i++) {
        struct timespec from, to;

        clock_gettime(CLOCK_MONOTONIC, &from);
        if (waitpid(start(), NULL, 0) < 0)
            die("fork");
        clock_gettime(CLOCK_MONOTONIC, &to);
        took[i] = (to.tv_sec - from.tv_sec) * 1000000
                  + (to.tv_nsec - from.tv_nsec) / 1000;
    }
    qsort(took, runs, sizeof *took, longer);
    mid = took[runs / 2];
    free(took);
    return mid;
}

/* The number in a file of the control group, 0: there is none. */
static long group(const char *file)
{
    long n = 0;
    FILE *f = fopen(file, "re");

    if (f != NULL && fscanf(f, "%ld", &n) != 1) /* "max": none */
        n = 0;
    if (f != NULL)
        fclose(f);
    return n;
}

/* How many MiB may be used: half of what is free. */
static long room_for(void)
{
    long room = field("/proc/meminfo", "MemAvailable:") / 1024;
    long limit = group("/sys/fs/cgroup/memory.max");
    long used = group("/sys/fs/cgroup/memory.current");

    if (limit > 0 && (limit - used) / 1048576 < room)
        room = (limit - used) / 1048576;
    return room / 2;
}

/* The size of a forked child's page tables in kB. */
static long tables_of_child(void)
{
    char file[64], c;
    int p[2];
    long kB;
    pid_t pid;

    if (pipe2(p, O_CLOEXEC) < 0 || (pid = fork()) < 0)
        die("fork");
    if (pid == 0) { /* it lives until its parent has looked */
        close(p[1]);
        _exit(read(p[0], &c, 1) != 0);
    }
    close(p[0]);
    snprintf(file, sizeof file, "/proc/%ld/status", (long)pid);
    kB = field(file, "VmPTE:");
    close(p[1]);
    waitpid(pid, NULL, 0);
    return kB;
}

int main(int argc, char *argv[])
{
    long first = 0, last = 0, room, mib, done = 1;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-brief") == 0)
            brief = 1;
        else if (strcmp(argv[i], "-max") == 0 && i + 1 < argc)
            largest = atol(argv[++i]);
        else if (strcmp(argv[i], "-n") == 0 && i + 1 < argc)
            runs = atol(argv[++i]);
    }
    runs = runs < 1 ? 1 : runs;
    if (largest < 4) {
        fprintf(stderr, "vfork cost: -max takes a number from 4 "
                "up, for two sizes are compared\n");
        return 2;
    }
    if ((room = room_for()) < 4) {
        fprintf(stderr, "vfork cost: it needs 8 MiB of memory, end "
                "something else first\n");
        return 2;
    }
    largest = largest > room ? room : largest;
    for (mib = 1; mib <= largest; mib *= 4) {
        size_t size = (size_t)mib << 20;
        long fork_us, vfork_us;
        char *b = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (b == MAP_FAILED)
            die("no more memory");
        madvise(b, size, MADV_NOHUGEPAGE); /* an entry a page */
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
