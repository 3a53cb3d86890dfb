/* The child returns from the functions that called vfork, and its
   next call overwrites the frame that the parent returns from.
   fails: shared as-asked
   flags: -O0 -fno-stack-protector */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile int glob = 6, var = 88;

static __attribute__((noinline)) int inner(void)
{
    volatile int pid = vfork();

    return pid;
}

static __attribute__((noinline)) int start(void)
{
    volatile int pid = inner();

    return pid;
}

static __attribute__((noinline)) void add(void)
{
    volatile char frame[4096];

    for (unsigned i = 0; i < sizeof frame; i++)
        frame[i] = 0;
    glob++;
    var++;
    _exit(0);
}

int main(void)
{
    if (start() == 0)
        add();
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    return 0;
}
