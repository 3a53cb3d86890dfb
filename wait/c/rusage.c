/* wait3 and wait4: what a child has used. */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define BURNT 60 /* ms that a child computes */

static int show_ms;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* The processor time, in the program and in the kernel. */
static long ms(const struct rusage *u)
{
    return (u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000L
           + (u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1000;
}

/* Write a line at once, so that it can be seen in /proc what was
   so at that time. */
static void say(const char *what, const struct rusage *u)
{
    if (show_ms)
        printf("%s: %ld ms\n", what, ms(u));
    else if (ms(u) < BURNT / 2)
        printf("%s: next to nothing\n", what);
    else
        printf("%s: the time computed\n", what);
    fflush(stdout);
}

/* Make a child that does something and exits. */
static pid_t used(void (*what)(void))
{
    pid_t pid = fork();

    if (pid < 0)
        die("fork");
    if (pid == 0) {
        what();
        _exit(0);
    }
    return pid;
}

static void burn(void)
{
    struct rusage self;

    do
        getrusage(RUSAGE_SELF, &self);
    while (ms(&self) < BURNT);
}

/* Look until it is a zombie, and leave it one. */
static void until_zombie(pid_t pid)
{
    siginfo_t info;

    if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) < 0)
        die("waitid");
}

static void waits(void)
{
    if (waitpid(used(burn), NULL, 0) < 0)
        die("waitpid");
}

static void does_not_wait(void)
{
    until_zombie(used(burn));
}

int main(int argc, char *argv[])
{
    struct rusage mine, usage;

    show_ms = argc > 1 && strcmp(argv[1], "-ms") == 0;

    /* one computes itself */
    until_zombie(used(burn));
    getrusage(RUSAGE_CHILDREN, &mine);
    say("the worker is a zombie, RUSAGE_CHILDREN", &mine);
    if (wait3(NULL, 0, &usage) < 0)
        die("wait3");
    getrusage(RUSAGE_CHILDREN, &mine);
    say("it has been waited for, RUSAGE_CHILDREN", &mine);
    say("wait3 said of the worker", &usage);

    /* one has a child that computes, and waits for it */
    if (wait4(used(waits), NULL, 0, &usage) < 0)
        die("wait4");
    say("wait4 said of the boss, who waited", &usage);

    /* one has such a child too, and does not wait for it */
    if (wait4(used(does_not_wait), NULL, 0, &usage) < 0)
        die("wait4");
    say("wait4 said of the careless one", &usage);
    return 0;
}
