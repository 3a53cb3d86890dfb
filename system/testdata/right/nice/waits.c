/* the parent has computed for 1.3 s when it waits for the child, which goes
   on */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t over;

static void stop(int sig)
{
    over = sig;
}

static void busy(int tenths)
{
    struct itimerval limit = {{0, 0}, {tenths / 10, tenths % 10 * 100000}};

    signal(SIGALRM, stop);
    setitimer(ITIMER_REAL, &limit, NULL);
    for (unsigned long n = 0; !over; n++)
        ;
}

int main(void)
{
    cpu_set_t here;
    pid_t nicer;

    CPU_ZERO(&here);
    CPU_SET(sched_getcpu(), &here);
    if (sched_setaffinity(getpid(), sizeof here, &here) != 0)
        return 1;
    switch (nicer = fork()) {
    case -1:
        return 1;
    case 0:
        (void)!nice(12);
        busy(22);
        exit(0);
    }
    busy(13);
    return waitpid(nicer, NULL, 0) != nicer;
}
