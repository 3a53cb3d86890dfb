/* §8.5: a child whose parent ends gets a new one. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *what)
{
    perror(what);
    _exit(1);
}

static const char *name_of(pid_t pid)
{
    static char path[64], comm[64];
    FILE *f;

    if (pid == 0)
        return "a process outside of this pid namespace";
    snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
    if ((f = fopen(path, "r")) == NULL
        || fgets(comm, sizeof comm, f) == NULL)
        return "a process that /proc does not show";
    fclose(f);
    comm[strcspn(comm, "\n")] = '\0';
    return comm;
}

/* Make a child and end without waiting for it. */
static void parent(void)
{
    pid_t pid, me = getpid();
    struct pollfd fd = { .events = POLLIN };

    /* Ready when we have ended and our child has a new parent. */
    if ((fd.fd = syscall(SYS_pidfd_open, me, 0)) < 0)
        fail("pidfd_open");
    if ((pid = fork()) < 0)
        fail("fork");
    if (pid > 0) {
        printf("parent %d made child %d, and ends\n",
               (int)me, (int)pid);
        exit(0);
    }

    while (poll(&fd, 1, -1) < 0)
        if (errno != EINTR)
            fail("poll");
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

    if (argc < 2 || strcmp(argv[1], "-subreaper") != 0)
        parent();
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
        fail("prctl");
    if ((child = fork()) < 0)
        fail("fork");
    if (child == 0)
        parent();

    /* Two ends to collect: our child's and the adopted one's. All
       is printed at the end. */
    setvbuf(stdout, NULL, _IOFBF, BUFSIZ);
    while ((pid = wait(&status)) > 0)
        printf("original %d collects %s %d: normal termination, "
               "exit status = %d\n", (int)getpid(),
               pid == child ? "parent" : "child", (int)pid,
               WEXITSTATUS(status));
    return 0;
}
