/* What talks to the daemon. */
#ifndef DAEMON_STOP_H
#define DAEMON_STOP_H

#include "daemon_serve.h"
#include <poll.h>
#include <sys/syscall.h>

static void status_line(void)
{
    struct sockaddr_un a = address();
    char line[300];
    ssize_t n;
    int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (connect(s, (struct sockaddr *)&a, sizeof a) < 0)
        fail("connect");
    while ((n = read(s, line, sizeof line)) > 0)
        fwrite(line, 1, n, stdout);
    close(s);
    fflush(stdout);
}

static pid_t lock_holder(int fd)
{
    struct flock lock = { .l_type = F_WRLCK };

    if (fcntl(fd, F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
        return 0;
    return lock.l_pid;
}

/* Send SIGTERM to the process that holds the lock of the pid
   file, and wait for its end. */
static pid_t stop_daemon(void)
{
    int fd = open(in_dir("daemon.pid"), O_RDWR | O_CLOEXEC);
    struct pollfd p = { .events = POLLIN };
    pid_t pid;

    if (fd < 0)
        fail("daemon.pid");
    pid = lock_holder(fd);
    if (pid == 0 || (p.fd = syscall(SYS_pidfd_open, pid, 0)) < 0 ||
        lock_holder(fd) != pid ||
        syscall(SYS_pidfd_send_signal, p.fd, SIGTERM, NULL, 0) < 0)
        fail("stop");
    while (poll(&p, 1, -1) < 0)
        ;
    close(p.fd);
    close(fd);
    return pid;
}

#endif
