/* A prefork supervisor. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "asleep.h"

#define MAX 1024

static int workers = 3, max_restarts = 100, bad = 2;
static int hold, stop, stray, draw, crash;
static pid_t super; /* the supervisor */

static volatile pid_t pid_of[MAX]; /* by id; 0: none */
static volatile sig_atomic_t stopping, stop_signal, listing;
static int started, restarts, living, gave_up;
static int stray_pipe[2];
static sigset_t watched;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void signal_all(int sig)
{
    for (int id = 0; id < workers; id++)
        if (pid_of[id] != 0)
            kill(pid_of[id], sig);
}

/* The signals are blocked except while the supervisor waits, and
   there is nobody to be collected then without being looked at
   first: so pid_of names living children or zombies. */
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

/* A child that outlives its parent, the worker. */
static void leave_stray(void)
{
    pid_t parent = getpid(), pid = fork();

    if (pid < 0) {
        perror("fork");
        _exit(1);
    }
    if (pid > 0)
        return;
    while (getppid() == parent) /* until it has been adopted */
        usleep(1000);
    parent = getpid();
    if (write(stray_pipe[1], &parent, sizeof parent) < 0)
        _exit(1);
    _exit(0);
}

static void await_stray(void)
{
    pid_t pid;

    if (read(stray_pipe[0], &pid, sizeof pid) != sizeof pid)
        _exit(1);
    while (kill(pid, 0) == 0)
        usleep(1000);
}

static void worker(int id, int serial)
{
    char name[16];

    for (int sig = 1; sig < NSIG; sig++)
        if (sigismember(&watched, sig) == 1)
            signal(sig, SIG_DFL);
    sigprocmask(SIG_UNBLOCK, &watched, NULL);
    /* not to outlive a supervisor that is killed */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != super)
        _exit(1); /* it had ended before */
    snprintf(name, sizeof name, "worker %d", id);
    prctl(PR_SET_NAME, name);
    if (draw) {
        unsigned long long random; /* its own, not a copied state */

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
        await_stray(); /* the first one's */
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
    if (pid < 0) { /* no process to be had: as a bad end */
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

static void pr_exit(int st)
{
    if (WIFEXITED(st))
        printf("normal termination, exit status = %d\n",
               WEXITSTATUS(st));
    else
        printf("abnormal termination, signal number = %d%s\n",
               WTERMSIG(st),
               WCOREDUMP(st) ? " (core file generated)" : "");
}

static void collect(pid_t pid)
{
    int id, st;

    if (waitpid(pid, &st, 0) != pid)
        die("waitpid");
    for (id = 0; id < workers && pid_of[id] != pid; id++)
        ;
    if (id == workers) {
        printf("pid %ld is no worker, ignored: ", (long)pid);
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

static void watch(int sig)
{
    /* without SA_RESTART */
    struct sigaction act = { .sa_handler = handler };

    act.sa_mask = watched;
    if (sigaction(sig, &act, NULL) < 0)
        die("sigaction");
}

static int number(char *argv[], int *i)
{
    return argv[*i + 1] != NULL ? atoi(argv[++*i]) : 0;
}

int main(int argc, char *argv[])
{
    int said = 0;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-n") == 0)
            workers = number(argv, &i);
        else if (strcmp(argv[i], "-max-restarts") == 0)
            max_restarts = number(argv, &i);
        else if (strcmp(argv[i], "-bad") == 0)
            bad = number(argv, &i);
        else if (strcmp(argv[i], "-hold") == 0)
            hold = 1;
        else if (strcmp(argv[i], "-stop") == 0)
            stop = 1;
        else if (strcmp(argv[i], "-stray") == 0)
            stray = 1;
        else if (strcmp(argv[i], "-crash") == 0)
            crash = 1;
        else if (strcmp(argv[i], "-draw") == 0)
            draw = 1;
    }
    if (workers <= 0) {
        cpu_set_t set;

        if (sched_getaffinity(0, sizeof set, &set) < 0)
            die("sched_getaffinity");
        workers = CPU_COUNT(&set);
    }
    if (workers > MAX)
        workers = MAX;
    if (stray && pipe(stray_pipe) < 0)
        die("pipe");
    super = getpid();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigemptyset(&watched);
    sigaddset(&watched, SIGTERM);
    sigaddset(&watched, SIGINT);
    sigaddset(&watched, SIGUSR1);
    sigaddset(&watched, SIGALRM);
    sigprocmask(SIG_BLOCK, &watched, NULL);
    watch(SIGTERM);
    watch(SIGINT);
    watch(SIGUSR1);
    watch(SIGALRM);

    printf("supervisor %ld: workers 0 to %d\n", (long)getpid(),
           workers - 1);
    for (int id = 0; id < workers && !stopping; id++)
        start(id);
    while (living > 0) {
        siginfo_t info;
        int got;

        fflush(stdout);
        sigprocmask(SIG_UNBLOCK, &watched, NULL);
        got = waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
        sigprocmask(SIG_BLOCK, &watched, NULL);
        if (listing)
            printf("supervisor: %d workers, %d restarts\n", living,
                   restarts);
        listing = 0;
        if (stop_signal && !said++)
            printf("supervisor: signal %d, stopping\n",
                   (int)stop_signal);
        if (got < 0 && errno == EINTR)
            continue; /* and wait again */
        if (got < 0)
            die("waitid");
        collect(info.si_pid);
    }
    printf("supervisor: no worker left, %d restarts\n", restarts);
    return gave_up;
}
