/* The supervisor of a prefork server. The options are those of
   supervise.go. */
#define _GNU_SOURCE
#include "common.h"

#include <sched.h>
#include <sys/prctl.h>
#include <sys/random.h>

#define MAX 1024

static int workers = 3, max_restarts = 100, bad = 2;
static int hold, stop, stray, draw, crash;
static pid_t super; /* the pid of the supervisor */

static volatile pid_t pid_of[MAX]; /* by id, or 0 */
static volatile sig_atomic_t stopping, stop_signal, listing;
static int started, restarts, living, gave_up;
static int stray_pipe[2];
static sigset_t handled; /* signals with a handler */

static void signal_all(int sig)
{
    for (int id = 0; id < workers; id++)
        if (pid_of[id] != 0)
            kill(pid_of[id], sig);
}

/* The signals are blocked except while the supervisor waits with
   WNOWAIT, which does not reap. So every pid in pid_of is that of a
   living worker or of a zombie. */
static void handler(int sig)
{
    if (sig == SIGUSR1) {
        listing = 1;
    } else if (sig == SIGALRM) {
        signal_all(SIGKILL);
    } else {
        stopping = 1;
        stop_signal = sig;
        signal_all(SIGTERM);
        alarm(5);
    }
}

/* Makes a child that outlives its parent, the worker. */
static void leave_stray(void)
{
    pid_t parent = getpid(), pid = do_fork();

    if (pid > 0)
        return;
    while (getppid() == parent) /* until it has been adopted */
        usleep(1000);
    parent = getpid();
    if (write(stray_pipe[1], &parent, sizeof parent) < 0)
        _exit(1);
    _exit(0);
}

/* Returns when the child that was left behind is reaped. */
static void await_stray(void)
{
    pid_t pid;

    if (read(stray_pipe[0], &pid, sizeof pid) != sizeof pid)
        _exit(1);
    while (kill(pid, 0) == 0)
        usleep(1000);
}

/* The life of a worker. serial is 0 for the first one that was
   started, 1 for the next. */
static void worker(int id, int serial)
{
    char name[16];

    for (int sig = 1; sig < NSIG; sig++)
        if (sigismember(&handled, sig) == 1)
            signal(sig, SIG_DFL);
    sigprocmask(SIG_UNBLOCK, &handled, NULL);
    /* If the supervisor is killed, its workers must end too. */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != super)
        _exit(1); /* it had ended before */
    snprintf(name, sizeof name, "worker %d", id);
    prctl(PR_SET_NAME, name);
    if (draw) {
        unsigned long long random; /* no state that fork copies */

        if (getrandom(&random, sizeof random, 0) != sizeof random)
            _exit(1);
        printf("worker %d drew %llu\n", id, random);
        fflush(stdout);
    }
    if (stray && serial == 0)
        leave_stray();
    if (serial < bad && serial % 2 == 0)
        kill(getpid(), SIGKILL);
    if (serial < bad)
        _exit(3);
    if (stop && serial == workers + bad - 1) {
        until_asleep(getppid());
        kill(getppid(), SIGUSR1);
        until_asleep(getppid());
        kill(getppid(), SIGTERM);
    }
    if (crash && serial == workers + bad - 1)
        kill(super, SIGKILL);
    if (stop || hold || crash)
        for (;;)
            pause();
    if (stray && serial == workers + bad - 1 && serial > 0)
        await_stray();
    _exit(0);
}

static void stop_all(void)
{
    stopping = 1;
    signal_all(SIGTERM);
    alarm(5);
}

static void start(int id)
{
    pid_t pid;

    fflush(stdout);
    if ((pid = fork()) == 0)
        worker(id, started);
    if (pid < 0) { /* like a bad end */
        perror("fork");
        gave_up = 1;
        stop_all();
        return;
    }
    started++;
    living++;
    pid_of[id] = pid;
    printf("worker %d (pid %ld) started\n", id, (long)pid);
}

/* Reaps a child that has ended. If it was a worker with a bad end,
   it starts the worker again. */
static void reap_child(pid_t pid)
{
    int id, st = reap(pid);

    for (id = 0; id < workers && pid_of[id] != pid; id++)
        ;
    if (id == workers) {
        printf("pid %ld is not a worker, ignored: ", (long)pid);
        pr_exit(st);
        return;
    }
    pid_of[id] = 0;
    living--;
    printf("worker %d (pid %ld) %s: ", id, (long)pid,
           st == 0 ? "finished" : "ended");
    pr_exit(st);
    if (st == 0 || stopping)
        return;
    if (restarts >= max_restarts) {
        printf("supervisor: %d restarts, giving up\n", restarts);
        gave_up = 1;
        stop_all();
        return;
    }
    restarts++;
    start(id);
}

static void set_handler(int sig)
{
    /* without SA_RESTART, so that the wait fails with EINTR */
    struct sigaction act = { .sa_handler = handler };

    act.sa_mask = handled;
    check(sigaction(sig, &act, NULL) < 0, "sigaction");
}

/* The number after the option, or value if it was not given. */
static int number(int argc, char *argv[], const char *name,
                  int value)
{
    int at = option(argc, argv, name);

    return at && argv[at + 1] ? atoi(argv[at + 1]) : value;
}

int main(int argc, char *argv[])
{
    int announced = 0;

    workers = number(argc, argv, "n", workers);
    max_restarts = number(argc, argv, "max-restarts", max_restarts);
    bad = number(argc, argv, "bad", bad);
    hold = option(argc, argv, "hold");
    stop = option(argc, argv, "stop");
    stray = option(argc, argv, "stray");
    crash = option(argc, argv, "crash");
    draw = option(argc, argv, "draw");
    if (workers <= 0) {
        cpu_set_t set;

        check(sched_getaffinity(0, sizeof set, &set) < 0,
              "sched_getaffinity");
        workers = CPU_COUNT(&set);
    }
    if (workers > MAX)
        workers = MAX;
    check(stray && pipe(stray_pipe) < 0, "pipe");
    super = getpid();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigemptyset(&handled);
    sigaddset(&handled, SIGTERM);
    sigaddset(&handled, SIGINT);
    sigaddset(&handled, SIGUSR1);
    sigaddset(&handled, SIGALRM);
    sigprocmask(SIG_BLOCK, &handled, NULL);
    set_handler(SIGTERM);
    set_handler(SIGINT);
    set_handler(SIGUSR1);
    set_handler(SIGALRM);

    printf("supervisor %ld: workers 0 to %d\n", (long)getpid(),
           workers - 1);
    for (int id = 0; id < workers && !stopping; id++)
        start(id);
    while (living > 0) {
        siginfo_t info;
        int got;

        fflush(stdout);
        sigprocmask(SIG_UNBLOCK, &handled, NULL);
        got = waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
        sigprocmask(SIG_BLOCK, &handled, NULL);
        if (listing)
            printf("supervisor: %d workers, %d restarts\n", living,
                   restarts);
        listing = 0;
        if (stop_signal && !announced++)
            printf("supervisor: signal %d, stopping\n",
                   (int)stop_signal);
        if (got < 0 && errno == EINTR)
            continue; /* and wait again */
        check(got < 0, "waitid");
        reap_child(info.si_pid);
    }
    printf("supervisor: no worker left, %d restarts\n", restarts);
    return gave_up;
}
