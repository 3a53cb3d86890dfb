/* In what a child is not like its parent: the second list of
   section 8.3. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COLUMNS "%-26s%-22s%s\n"

/* One row: what a parent sets, what it waits for before the child
   looks, and what each of the two then finds in itself. */
struct attribute {
    const char *name;
    void (*set)(void);
    void (*ready)(void);
    void (*get)(char *value);
};

static pid_t returned; /* by fork */

static void check(int failed, const char *call)
{
    if (failed) {
        perror(call);
        _exit(1);
    }
}

/* The child waits for its parent, says what it finds, and stays
   until the row is printed. */
static void child(const struct attribute *a, int told, int leave)
{
    char c, value[256];

    check(read(leave, &c, 1) != 1, "read");
    a->get(value);
    check(write(told, value, strlen(value)) < 0, "write");
    close(told);
    check(read(leave, &c, 1) != 0, "read");
    _exit(0);
}

/* The parent sets the value, forks and prints the row. */
static void row(const struct attribute *a)
{
    char value[256], his[256] = "", *end = his;
    int told[2], leave[2];
    ssize_t n;

    if (a->set)
        a->set();
    check(pipe2(told, O_CLOEXEC) < 0, "pipe2");
    check(pipe2(leave, O_CLOEXEC) < 0, "pipe2");
    check((returned = fork()) < 0, "fork");
    if (returned == 0) {
        close(told[0]);
        close(leave[1]);
        child(a, told[1], leave[0]);
    }
    close(told[1]);
    close(leave[0]);
    if (a->ready)
        a->ready();
    check(write(leave[1], ".", 1) != 1, "write");
    while ((n = read(told[0], end, (size_t)(his + 255 - end))) > 0)
        end += n;
    a->get(value);
    printf(COLUMNS, a->name, value, his);
    close(leave[1]); /* now the child may end */
    check(waitpid(returned, NULL, 0) != returned, "waitpid");
}

/* The parent of a row is a process of its own. */
static void table(const char *title, const struct attribute *a)
{
    pid_t pid;

    printf(COLUMNS, title, "parent", "child");
    for (; a->name; a++) {
        check((pid = fork()) < 0, "fork");
        if (pid == 0) {
            row(a);
            _exit(0);
        }
        check(waitpid(pid, NULL, 0) != pid, "waitpid");
    }
}

static void get_returned(char *v) { sprintf(v, "%d", (int)returned); }
static void get_pid(char *v) { sprintf(v, "%d", (int)getpid()); }
static void get_ppid(char *v) { sprintf(v, "%d", (int)getppid()); }

/* Processor time: enough of it is 3 ticks. */
enum { UTIME, STIME, CUTIME, CSTIME, ENOUGH = 3 };

static long now(int clock)
{
    struct tms t;

    check(times(&t) == (clock_t)-1, "times");
    return clock == UTIME ? t.tms_utime : clock == STIME ? t.tms_stime
        : clock == CUTIME ? t.tms_cutime : t.tms_cstime;
}

static volatile int counted;
static char zeros[1 << 20];

static void work(int clock)
{
    if (clock == UTIME) { /* in user mode */
        for (int i = 0; i < 100000; i++)
            counted++;
    } else { /* in the kernel, which fills the buffer */
        int fd = open("/dev/zero", O_RDONLY);

        check(read(fd, zeros, sizeof zeros) < 0, "/dev/zero");
        close(fd);
    }
}

static void use(int clock)
{
    long start = now(clock);

    while (now(clock) - start < ENOUGH)
        work(clock);
}

static void let(int clock)
{
    pid_t pid = fork();

    check(pid < 0, "fork");
    if (pid == 0) {
        use(clock);
        _exit(0);
    }
    check(waitpid(pid, NULL, 0) != pid, "waitpid");
}

static void ticks(char *v, int clock)
{
    long n = now(clock);

    if (n < ENOUGH)
        sprintf(v, "%ld", n);
    else
        sprintf(v, "%d ticks or more", ENOUGH);
}

static void use_utime(void) { use(UTIME); }
static void use_stime(void) { use(STIME); }
static void let_utime(void) { let(UTIME); }
static void let_stime(void) { let(STIME); }
static void get_utime(char *v) { ticks(v, UTIME); }
static void get_stime(char *v) { ticks(v, STIME); }
static void get_cutime(char *v) { ticks(v, CUTIME); }
static void get_cstime(char *v) { ticks(v, CSTIME); }

static int file; /* what the two lock rows lock */

static void lock_record(void)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

    check((file = memfd_create("differ", 0)) < 0, "memfd_create");
    check(fcntl(file, F_SETLK, &lock) < 0, "fcntl");
}

/* Asks whose lock would be in the way of one of ours. */
static void get_record(char *v)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

    check(fcntl(file, F_GETLK, &lock) < 0, "fcntl");
    if (lock.l_type == F_UNLCK)
        strcpy(v, "is its own");
    else
        sprintf(v, "is that of %d", (int)lock.l_pid);
}

static void lock_file(void)
{
    check((file = memfd_create("differ", 0)) < 0, "memfd_create");
    check(flock(file, LOCK_EX) < 0, "flock");
}

/* Asks whether we can have the lock, which another open of the
   file can not. */
static void get_locked(char *v)
{
    char path[40];
    int again;

    sprintf(path, "/proc/self/fd/%d", file);
    check((again = open(path, O_RDWR)) < 0, path);
    if (flock(again, LOCK_EX | LOCK_NB) == 0)
        strcpy(v, "is nobody's");
    else if (flock(file, LOCK_EX | LOCK_NB) == 0)
        strcpy(v, "is its own");
    else
        strcpy(v, "is another's");
    close(again);
}

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

/* The timers ring after 20 ms; their signal stays pending. */
static void timer(int which, int sig)
{
    struct itimerval it = { .it_value = { .tv_usec = 20000 } };

    block(sig);
    check(setitimer(which, &it, NULL) < 0, "setitimer");
}

static void ready(int sig, int working)
{
    while (!is_pending(sig)) {
        if (working)
            work(UTIME);
        else
            usleep(1000);
    }
}

/* Says whether the signal is pending, in a process that has lived,
   or worked, for longer than the timer takes. */
static void rings(char *v, int sig, int working)
{
    if (working && !is_pending(sig))
        use(UTIME);
    strcpy(v, is_pending(sig) ? "rings" : "does not ring");
}

static void set_real(void) { timer(ITIMER_REAL, SIGALRM); }
static void set_virtual(void) { timer(ITIMER_VIRTUAL, SIGVTALRM); }
static void set_prof(void) { timer(ITIMER_PROF, SIGPROF); }
static void real_ready(void) { ready(SIGALRM, 0); }
static void virtual_ready(void) { ready(SIGVTALRM, 1); }
static void prof_ready(void) { ready(SIGPROF, 1); }
static void get_real(char *v) { rings(v, SIGALRM, 0); }
static void get_virtual(char *v) { rings(v, SIGVTALRM, 1); }
static void get_prof(char *v) { rings(v, SIGPROF, 1); }

static timer_t posix; /* means nothing in another process */

static void set_posix(void)
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
}

static void posix_ready(void) { ready(SIGUSR2, 0); }

static void get_posix(char *v)
{
    struct itimerspec left;

    if (timer_gettime(posix, &left) < 0)
        strcpy(v, "there is none");
    else
        rings(v, SIGUSR2, 0);
}

/* Two blocked signals: one sent to the thread, one to the
   process. */
static void send_self(void)
{
    block(SIGUSR1);
    block(SIGUSR2);
    raise(SIGUSR1);
    kill(getpid(), SIGUSR2);
}

static void get_pending(char *v)
{
    sigset_t mask;

    sigprocmask(SIG_BLOCK, NULL, &mask);
    if (!sigismember(&mask, SIGUSR1) || !sigismember(&mask, SIGUSR2))
        strcpy(v, "are not blocked");
    else if (is_pending(SIGUSR1) && is_pending(SIGUSR2))
        strcpy(v, "SIGUSR1, SIGUSR2");
    else
        strcpy(v, "none");
}

static void *idle(void *arg)
{
    for (;;)
        pause();
    return arg;
}

static void add_thread(void)
{
    pthread_t t;

    check(pthread_create(&t, NULL, idle, NULL) != 0, "pthread_create");
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
    { "fork's return value", NULL, NULL, get_returned },
    { "process ID", NULL, NULL, get_pid },
    { "parent process ID", NULL, NULL, get_ppid },
    { "tms_utime", use_utime, NULL, get_utime },
    { "tms_stime", use_stime, NULL, get_stime },
    { "tms_cutime", let_utime, NULL, get_cutime },
    { "tms_cstime", let_stime, NULL, get_cstime },
    { "record lock", lock_record, NULL, get_record },
    { "alarm (ITIMER_REAL)", set_real, real_ready, get_real },
    { "ITIMER_VIRTUAL", set_virtual, virtual_ready, get_virtual },
    { "ITIMER_PROF", set_prof, prof_ready, get_prof },
    { "POSIX timer", set_posix, posix_ready, get_posix },
    { "pending signals", send_self, NULL, get_pending },
    { NULL, NULL, NULL, NULL },
}, threads = { "threads", add_thread, NULL, get_threads },
same[] = {
    { "flock lock", lock_file, NULL, get_locked },
    { NULL, NULL, NULL, NULL },
};

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    table("what differs", differs);
    row(&threads); /* the first process has another thread now */

    /* And what looks like a difference and is none. */
    table("what does not", same);
    return 0;
}
