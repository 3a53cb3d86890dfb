/* How the rows of differ set timers, and look whether their signals
   are pending. */
#ifndef TIMERS_H
#define TIMERS_H

#include "common.h"
#include "clocks.h"

#include <signal.h>
#include <sys/time.h>
#include <time.h>

static void block(int sig)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, sig);
    check(sigprocmask(SIG_BLOCK, &set, NULL) < 0, "sigprocmask");
}

static int is_pending(int sig)
{
    sigset_t set;

    check(sigpending(&set) < 0, "sigpending");
    return sigismember(&set, sig);
}

/* Sets a timer of 20 ms. Its signal is blocked, so that it stays
   pending. */
static void timer(int which, int sig)
{
    struct itimerval it = { .it_value = { .tv_usec = 20000 } };

    block(sig);
    check(setitimer(which, &it, NULL) < 0, "setitimer");
}

/* Returns when the signal is pending. Meanwhile it uses the
   processor if the timer counts that, or it sleeps. */
static void until_pending(int sig, int counts_work)
{
    while (!is_pending(sig)) {
        if (counts_work)
            work(UTIME);
        else
            usleep(1000);
    }
}

/* Says whether the signal of the timer is pending. When it looks,
   more time has passed, or been used, than the timer needs. */
static void rings(char *v, int sig, int counts_work)
{
    if (counts_work && !is_pending(sig))
        spend(UTIME);
    strcpy(v, is_pending(sig) ? "rings" : "does not ring");
}

static int set_real(void) { return timer(ITIMER_REAL, SIGALRM), 0; }

static int set_virtual(void)
{
    timer(ITIMER_VIRTUAL, SIGVTALRM);
    return 0;
}

static int set_prof(void) { return timer(ITIMER_PROF, SIGPROF), 0; }
static void real_ready(void) { until_pending(SIGALRM, 0); }

static void virtual_ready(void)
{
    until_pending(SIGVTALRM, 1);
}

static void prof_ready(void) { until_pending(SIGPROF, 1); }
static void get_real(char *v) { rings(v, SIGALRM, 0); }
static void get_virtual(char *v) { rings(v, SIGVTALRM, 1); }
static void get_prof(char *v) { rings(v, SIGPROF, 1); }

static timer_t posix; /* valid only in the process that made it */

static int set_posix(void)
{
    struct sigevent event;
    struct itimerspec it = { .it_value = { .tv_nsec = 20000000 } };

    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGUSR2;
    block(SIGUSR2);
    check(timer_create(CLOCK_MONOTONIC, &event, &posix) < 0,
          "timer_create");
    check(timer_settime(posix, 0, &it, NULL) < 0, "timer_settime");
    return 0;
}

static void posix_ready(void) { until_pending(SIGUSR2, 0); }

static void get_posix(char *v)
{
    struct itimerspec left;

    if (timer_gettime(posix, &left) < 0)
        strcpy(v, "there is none");
    else
        rings(v, SIGUSR2, 0);
}

/* Makes two blocked signals pending: one is sent to the thread, the
   other to the process. */
static int send_self(void)
{
    block(SIGUSR1);
    block(SIGUSR2);
    raise(SIGUSR1);
    kill(getpid(), SIGUSR2);
    return 0;
}

static void get_pending(char *v)
{
    sigset_t mask;

    sigprocmask(SIG_BLOCK, NULL, &mask);
    if (!sigismember(&mask, SIGUSR1)
        || !sigismember(&mask, SIGUSR2))
        strcpy(v, "are not blocked");
    else if (is_pending(SIGUSR1) && is_pending(SIGUSR2))
        strcpy(v, "SIGUSR1, SIGUSR2");
    else
        strcpy(v, "none");
}

#endif
