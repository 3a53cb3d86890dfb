/* §8.5: a child whose parent ends is adopted. --subreaper: the
   program adopts it and reaps it. */
#define _GNU_SOURCE
#include "common.h"

#include <errno.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* The name of the process in /proc/PID/comm. */
static const char *name_of(pid_t pid)
{
    static char path[64], comm[64];
    FILE *f;

    if (pid == 0)
        return "a process outside this pid namespace";
    snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
    if ((f = fopen(path, "r")) == NULL
        || fgets(comm, sizeof comm, f) == NULL)
        return "a process that /proc does not show";
    fclose(f);
    comm[strcspn(comm, "\n")] = '\0';
    return comm;
}

/* Makes a child and ends without waiting for it. */
static void parent(void)
{
    pid_t pid, me = getpid();
    struct pollfd fd = { .events = POLLIN };

    /* Ready after this process has ended and its child has a new
       parent. */
    fd.fd = (int)syscall(SYS_pidfd_open, me, 0);
    check(fd.fd < 0, "pidfd_open");
    if ((pid = do_fork()) > 0) {
        printf("parent %d made child %d, and ends\n",
               (int)me, (int)pid);
        exit(0);
    }

    while (poll(&fd, 1, -1) < 0)
        check(errno != EINTR, "poll");
    pid = getppid();
    printf("parent pid = %d\n", (int)pid);
    printf("child %d was adopted by %s\n", (int)getpid(),
           name_of(pid));
    exit(7);
}

int main(int argc, char *argv[])
{
    int status;
    pid_t pid, child;

    if (!option(argc, argv, "subreaper"))
        parent();
    check(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0, "prctl");
    if ((child = do_fork()) == 0)
        parent();

    /* Reap both: the parent, which is our child, and its child,
       which we adopt. All lines are printed at the end. */
    setvbuf(stdout, NULL, _IOFBF, BUFSIZ);
    while ((pid = wait(&status)) > 0)
        printf("original %d reaps %s %d: normal termination, "
               "exit status = %d\n", (int)getpid(),
               pid == child ? "parent" : "child", (int)pid,
               WEXITSTATUS(status));
    return 0;
}
