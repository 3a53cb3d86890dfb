/* a pidfd, and another child that was waited for before */
#include <poll.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void compute(double seconds)
{
    struct timespec t;

    do
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    while (t.tv_sec + t.tv_nsec / 1e9 < seconds);
}

static long ask(void)
{
    struct tms t;

    times(&t);
    return t.tms_cutime + t.tms_cstime;
}

int main(void)
{
    long before, dead, waited;
    struct pollfd ended;
    pid_t pid = fork();

    if (pid == 0) {
        compute(0.1);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    before = ask();
    pid = fork();

    if (pid == 0) {
        compute(0.22);
        _exit(0);
    }
    ended.fd = (int)syscall(SYS_pidfd_open, pid, 0);
    ended.events = POLLIN;
    poll(&ended, 1, -1);
    dead = ask();
    waitpid(pid, NULL, 0);
    waited = ask();
    printf("before = %ld, dead = %ld, waited = %ld\n", before, dead, waited);
    return 0;
}
