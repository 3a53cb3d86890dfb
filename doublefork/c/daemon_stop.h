/* How the daemon is asked for its status, and stopped. */
#ifndef DAEMON_STOP_H
#define DAEMON_STOP_H

#include "daemon_serve.h"
#include <poll.h>
#include <sys/syscall.h>

static int status_line(void)
{
    struct sockaddr_un a = address();
    char line[300];
    ssize_t n;
    int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (connect(s, (struct sockaddr *)&a, sizeof a) < 0)
        return -1;
    while ((n = read(s, line, sizeof line)) > 0)
        fwrite(line, 1, n, stdout);
    close(s);
    fflush(stdout);
    return 0;
}

static pid_t lock_holder(int fd)
{
    struct flock lock = { .l_type = F_WRLCK };

    if (fcntl(fd, F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
        return 0;
    return lock.l_pid;
}

static void not_running(const char *why)
{
    fprintf(stderr, "it is not running: %s\n", why);
    exit(1);
}

/* Sends SIGTERM to the process that holds the lock of the pid file,
   and returns when that process has ended. */
static pid_t stop_daemon(void)
{
    int fd = open(in_dir("daemon.pid"), O_RDWR | O_CLOEXEC);
    struct pollfd p = { .events = POLLIN };
    pid_t pid;

    if (fd < 0)
        fail("it is not running");
    if ((pid = lock_holder(fd)) == 0)
        not_running("no lock is held");
    if ((p.fd = syscall(SYS_pidfd_open, pid, 0)) < 0)
        fail("pidfd_open");
    if (lock_holder(fd) != pid) /* another has its pid */
        not_running("it has just ended");
    if (syscall(SYS_pidfd_send_signal, p.fd, SIGTERM, NULL, 0) < 0)
        fail("pidfd_send_signal");
    while (poll(&p, 1, -1) < 0)
        ;
    close(p.fd);
    close(fd);
    return pid;
}

#endif
