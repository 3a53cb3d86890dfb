/* Prints by how much the time grew instead of the time.
   fails: said-right */
#include <stdio.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long children(void)
{
    struct tms t;

    times(&t);
    return t.tms_cutime + t.tms_cstime;
}

static pid_t compute(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        while (clock() < CLOCKS_PER_SEC * 3 / 10)
            ;
        _exit(0);
    }
    return pid;
}

int main(void)
{
    siginfo_t info;
    long before, dead, waited;
    pid_t pid;

    waitpid(compute(), NULL, 0);
    before = children();
    pid = compute();
    waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
    dead = children();
    waitpid(pid, NULL, 0);
    waited = children();
    printf("before = %ld, dead = %ld, waited = %ld\n", before, dead - before, waited - dead);
    return 0;
}
