/* grow CALL COUNT MIB: time COUNT children made by CALL (fork, vfork
   or spawn) with MIB of touched memory in the parent; print the
   microseconds for one. */
#define _GNU_SOURCE
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t child(const char *call)
{
    char *argv[] = { "true", NULL }, *envp[] = { NULL };
    pid_t pid;

    if (strcmp(call, "spawn") == 0)
        return posix_spawn(&pid, "/bin/true", NULL, NULL, argv, envp) == 0 ? pid : -1;
    pid = strcmp(call, "vfork") == 0 ? vfork() : fork();
    if (pid == 0)
        _exit(0);
    return pid;
}

int main(int argc, char **argv)
{
    struct timespec a, b;
    size_t size;
    long n, i;
    char *memory;

    if (argc != 4)
        return 2;
    n = atol(argv[2]);
    size = (size_t)atol(argv[3]) << 20;
    memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || madvise(memory, size, MADV_NOHUGEPAGE) < 0)
        return 3;
    memset(memory, 1, size);
    clock_gettime(CLOCK_MONOTONIC, &a);
    for (i = 0; i < n; i++) {
        pid_t pid = child(argv[1]);

        if (pid < 0 || waitpid(pid, NULL, 0) != pid)
            return 1;
    }
    clock_gettime(CLOCK_MONOTONIC, &b);
    printf("%.2f\n", ((b.tv_sec - a.tv_sec) * 1e6 + (b.tv_nsec - a.tv_nsec) / 1e3) / n);
    return 0;
}
