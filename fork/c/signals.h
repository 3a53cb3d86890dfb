/* How the rows of inherit set and read the signal mask and the
   dispositions. */
#ifndef SIGNALS_H
#define SIGNALS_H

#include "common.h"

#include <signal.h>

static int set_mask(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGWINCH);
    return sigprocmask(SIG_BLOCK, &set, NULL);
}

static void get_mask(char *v)
{
    unsigned long bits = 0;
    sigset_t set;

    sigprocmask(SIG_BLOCK, NULL, &set);
    for (int sig = 1; sig <= 64; sig++)
        if (sigismember(&set, sig) == 1)
            bits |= 1ul << (sig - 1);
    sprintf(v, "%016lx", bits);
}

static void disposition(char *v, const char *name, int sig)
{
    struct sigaction sa;

    sigaction(sig, NULL, &sa);
    sprintf(v, "%s %s", name, sa.sa_handler == SIG_IGN ? "ignored"
            : sa.sa_handler == SIG_DFL ? "default" : "caught");
}

static void handler(int sig) { (void)sig; }
static int set_ignored(void) { return signal(SIGUSR2, SIG_IGN), 0; }
static int set_default(void) { return signal(SIGUSR1, SIG_DFL), 0; }
static int set_caught(void) { return signal(SIGUSR1, handler), 0; }
static void get_one(char *v) { disposition(v, "SIGUSR1", SIGUSR1); }
static void get_two(char *v) { disposition(v, "SIGUSR2", SIGUSR2); }
static void send_one(void) { raise(SIGUSR1); } /* it is caught */

#endif
