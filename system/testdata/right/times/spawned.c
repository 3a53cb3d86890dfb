/* The child was made by posix_spawn, and executes a loop of the shell. */
#define _GNU_SOURCE
#include <spawn.h>
#include <stdio.h>
#include <sys/times.h>
#include <sys/wait.h>

extern char **environ;

static long ticks(void)
{
    struct tms t;

    times(&t);
    return (long)(t.tms_cutime + t.tms_cstime);
}

int main(void)
{
    char *args[] = { "sh", "-c",
                     "i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done",
                     NULL };
    siginfo_t info;
    pid_t pid;
    long before = ticks(), dead;

    if (posix_spawn(&pid, "/bin/sh", NULL, NULL, args, environ) != 0)
        return 1;
    waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
    dead = ticks();
    waitpid(pid, NULL, 0);
    printf("before = %ld, dead = %ld, waited = %ld\n", before, dead,
           ticks());
    return 0;
}
