/* What a child does not inherit: the second list of section 8.3. */
#define _GNU_SOURCE
#include "common.h"
#include "clocks.h"
#include "locks.h"
#include "table.h"
#include "timers.h"

#include <pthread.h>

static void get_value(char *v) { sprintf(v, "%d", (int)returned); }
static void get_pid(char *v) { sprintf(v, "%d", (int)getpid()); }
static void get_ppid(char *v) { sprintf(v, "%d", (int)getppid()); }

static void *idle(void *arg)
{
    for (;;)
        pause();
    return arg;
}

static int add_thread(void)
{
    pthread_t t;

    check(pthread_create(&t, NULL, idle, NULL) != 0, "pthread");
    return 0;
}

static void get_threads(char *v)
{
    char line[256];
    int n = 0;
    FILE *f = fopen("/proc/self/status", "r");

    check(!f, "/proc/self/status");
    while (fgets(line, sizeof line, f))
        if (sscanf(line, "Threads: %d", &n) == 1)
            break;
    fclose(f);
    strcpy(v, n == 1 ? "1" : "several");
}

static const struct attribute differs[] = {
    { "fork's return value", NULL, get_value, NULL, NULL },
    { "process ID", NULL, get_pid, NULL, NULL },
    { "parent process ID", NULL, get_ppid, NULL, NULL },
    { "tms_utime", set_utime, get_utime, NULL, NULL },
    { "tms_stime", set_stime, get_stime, NULL, NULL },
    { "tms_cutime", set_cutime, get_cutime, NULL, NULL },
    { "tms_cstime", set_cstime, get_cstime, NULL, NULL },
    { "record lock", lock_record, get_record, NULL, NULL },
    { "alarm (ITIMER_REAL)", set_real, get_real, real_ready, NULL },
    { "ITIMER_VIRTUAL", set_virtual, get_virtual, virtual_ready,
      NULL },
    { "ITIMER_PROF", set_prof, get_prof, prof_ready, NULL },
    { "POSIX timer", set_posix, get_posix, posix_ready, NULL },
    { "pending signals", send_self, get_pending, NULL, NULL },
    { NULL, NULL, NULL, NULL, NULL },
}, threads = {
    "threads", add_thread, get_threads, NULL, NULL
}, same[] = {
    { "flock lock", lock_file, get_locked, NULL, NULL },
    { NULL, NULL, NULL, NULL, NULL },
};

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    table("what differs", differs);
    row(&threads); /* in the first process, with a second thread */

    /* This lock is not a difference: both have it. */
    table("what does not", same);
    return 0;
}
