/* What the programs of this folder share. */
#ifndef COMMON_H
#define COMMON_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static inline void fail(const char *call)
{
    perror(call);
    exit(1);
}

/* Return when a byte has come, or all writers have ended. */
static inline int receive(int fd)
{
    char byte = 0;
    ssize_t n;

    while ((n = read(fd, &byte, 1)) < 0)
        if (errno != EINTR)
            fail("read");
    return n == 1;
}

/* fork, after which every process prints its own lines only. */
static inline pid_t must_fork(void)
{
    pid_t pid;

    fflush(stdout);
    if ((pid = fork()) < 0)
        fail("fork");
    return pid;
}

static inline int reap(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            fail("waitpid");
    return status;
}

/* Make a pseudo-terminal. Closing the last descriptor of its
   master hangs the terminal up. */
static inline int open_pty(char *terminal, size_t size)
{
    int n, zero = 0;
    int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (master < 0) {
        fprintf(stderr, "no pseudo-terminal can be opened (%s): "
                "mount devpts at /dev/pts, with /dev/ptmx\n",
                strerror(errno));
        _exit(2);
    }
    if (ioctl(master, TIOCSPTLCK, &zero) < 0 ||
        ioctl(master, TIOCGPTN, &n) < 0)
        fail("/dev/ptmx");
    snprintf(terminal, size, "/dev/pts/%d", n);
    return master;
}

/* Become a session leader with that controlling terminal. */
static inline int lead_session(const char *path)
{
    int fd;

    if (setsid() < 0 ||
        (fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0 ||
        ioctl(fd, TIOCSCTTY, 0) < 0)
        fail("controlling terminal");
    return fd;
}

#endif
