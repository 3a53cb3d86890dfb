/* Two children compute, and both are waited for before the third question.
   fails: at-the-wait */
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
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
    long before = ask(), dead, waited;
    siginfo_t info;
    pid_t pid = fork(), other;

    if (pid == 0) {
        compute(0.22);
        _exit(0);
    }
    if ((other = fork()) == 0) {
        compute(0.1);
        _exit(0);
    }
    waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
    dead = ask();
    waitpid(other, NULL, 0);
    waitpid(pid, NULL, 0);
    waited = ask();
    printf("before = %ld, dead = %ld, waited = %ld\n", before, dead, waited);
    return 0;
}
