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

/* Ends the process with the error of a call that failed. */
static inline void fail(const char *call)
{
    perror(call);
    exit(1);
}

/* Returns when a byte has come, or no process has the write end
   open. */
static inline int receive(int fd)
{
    char byte = 0;
    ssize_t n;

    while ((n = read(fd, &byte, 1)) < 0)
        if (errno != EINTR)
            fail("read");
    return n == 1;
}

/* Flushes and forks, so that no child gets a copy of a line. */
static inline pid_t do_fork(void)
{
    pid_t pid;

    fflush(stdout);
    if ((pid = fork()) < 0)
        fail("fork");
    return pid;
}

/* Waits for the child and returns its termination status. */
static inline int reap(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            fail("waitpid");
    return status;
}

/* The place of the option -NAME or --NAME in argv, 0 if it was not
   given. */
static inline int option(int argc, char *argv[], const char *name)
{
    for (int i = 1; i < argc; i++)
        if (argv[i][0] == '-'
            && strcmp(argv[i] + 1 + (argv[i][1] == '-'), name) == 0)
            return i;
    return 0;
}

/* Makes a pseudo-terminal and returns its master. When the last
   descriptor of the master is closed, the kernel hangs up the
   terminal. */
static inline int open_pty(char *terminal, size_t size)
{
    int n, zero = 0;
    int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (master < 0) {
        fprintf(stderr, "it cannot open a pseudo-terminal (%s): "
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

/* Makes the caller a session leader with that controlling
   terminal. */
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
