/* Section 8.16: the rules of the nice value, each in a child that
   is thrown away. */
#include "common.h"

#include <pthread.h>

static int value(void)
{
    return getpriority(PRIO_PROCESS, 0);
}

static void set(int n)
{
    check(setpriority(PRIO_PROCESS, 0, n) < 0, "setpriority");
}

static int niced(int by)
{
    errno = 0;
    return nice(by);
}

static void adds(void)
{
    int start = value(), n = niced(3);

    say("nice(3): %+d, %s", n - start, result(n == -1 && errno));
    n = niced(100);
    say("nice(100): %d, %s", n, result(n == -1 && errno));
}

/* Has nice return −1 without an error. */
static void minus_one(void)
{
    int n;

    if (setpriority(PRIO_PROCESS, 0, -3) < 0) {
        say("from −3: cannot be tried: it takes CAP_SYS_NICE");
        return;
    }
    n = niced(2);
    say("from −3, nice(2): %d, %s", n, result(errno != 0));
}

/* Lacks the privilege. */
static void denied(void)
{
    struct rlimit none = { 0, 0 };
    int gate[2], root = getuid() == 0;
    pid_t other;

    check(pipe(gate) < 0, "pipe");
    if ((other = do_fork()) == 0) {
        become_unused(UNUSED_ID + 1);
        gate_wait(gate);
        _exit(0);
    }
    check(setrlimit(RLIMIT_NICE, &none) < 0, "setrlimit");
    set(10);
    if (root && !become_unused(UNUSED_ID)) {
        say("without privilege: cannot be tried: "
            "it takes CAP_SETUID");
    } else {
        niced(-1);
        say("without privilege, nice(-1): %s", result(errno));
        say("setpriority(itself, 9): %s",
            result(setpriority(PRIO_PROCESS, 0, 9)));
        if (root)
            say("setpriority(another user's, 19): %s",
                result(setpriority(PRIO_PROCESS, (id_t)other, 19)));
    }
    gate_open(gate);
    reap(other);
}

/* Has two children with different values in its process group. */
static void group(void)
{
    int gate[2], n[] = { 12, 15 };

    check(setpgid(0, 0) < 0 || pipe(gate) < 0, "group");
    for (int i = 0; i < 2; i++) {
        pid_t pid = do_fork();

        if (pid == 0) {
            gate_wait(gate);
            _exit(0);
        }
        check(setpriority(PRIO_PROCESS, (id_t)pid, n[i]) < 0,
              "setpriority");
    }
    set(17);
    errno = 0;
    n[0] = getpriority(PRIO_PGRP, 0);
    say("a group of 12, 15 and 17: %d, %s", n[0], result(errno));
    say("setpriority(the group, 18): %s",
        result(setpriority(PRIO_PGRP, 0, 18)));
    gate_open(gate);
    wait(NULL);
    wait(NULL);
}

static void executes(void)
{
    say("after a fork: %d", value());
    execl("/bin/sh", "sh", "-c", "echo after an exec", (char *)0);
    check(1, "execl");
}

static void inherit(void)
{
    set(11);
    in_child(executes);
}

static void after_fork(void)
{
    say("SCHED_RESET_ON_FORK, after a fork: %d", value());
}

/* Asks that a negative value is not inherited. */
static void reset_on_fork(void)
{
    struct sched_param none = { 0 };

    if (setpriority(PRIO_PROCESS, 0, -3) < 0
        || sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK,
                              &none) < 0) {
        say("SCHED_RESET_ON_FORK: cannot be tried: "
            "it takes CAP_SYS_NICE");
        return;
    }
    say("SCHED_RESET_ON_FORK: %d", value());
    in_child(after_fork);
}

static void *other_thread(void *now)
{
    set(13);
    *(int *)now = value();
    return NULL;
}

/* Gives one of two threads another value. */
static void threads(void)
{
    int first = value(), other = 0;
    pthread_t thread;

    check(pthread_create(&thread, NULL, other_thread, &other) != 0,
          "pthread_create");
    pthread_join(thread, NULL);
    say("one thread: %d, another: %+d", other, value() - first);
}

int main(void)
{
    from_zero("priority", 9);
    in_child(adds);
    in_child(minus_one);
    in_child(denied);
    in_child(group);
    in_child(inherit);
    in_child(reset_on_fork);
    threads();
    return 0;
}
