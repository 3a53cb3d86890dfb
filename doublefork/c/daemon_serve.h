/* What the daemon does after its exec. */
#ifndef DAEMON_SERVE_H
#define DAEMON_SERVE_H

#include "daemon_dir.h"
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Writes to the process that started the daemon. */
static void report(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vdprintf(3, format, args);
    va_end(args);
}

/* Creates the pid file and locks it. The kernel releases the lock
   when this process ends, in whatever way. */
static int lock_pid_file(void)
{
    struct flock lock = { .l_type = F_WRLCK };
    struct stat a, b;
    int fd;

    for (;;) {
        fd = open(in_dir("daemon.pid"),
                  O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (fd < 0) {
            report("pid file: %s", strerror(errno));
            exit(1);
        }
        if (fcntl(fd, F_SETLK, &lock) < 0) {
            fcntl(fd, F_GETLK, &lock);
            report("refused: it is running as %d", (int)lock.l_pid);
            exit(1);
        }
        if (fstat(fd, &a) == 0 &&
            stat(in_dir("daemon.pid"), &b) == 0 &&
            a.st_ino == b.st_ino && a.st_dev == b.st_dev)
            break;
        close(fd); /* the daemon before it has just removed it */
    }
    if (ftruncate(fd, 0) < 0 || dprintf(fd, "%d\n", getpid()) < 0)
        exit(1);
    return fd;
}

static struct sockaddr_un address(void)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    const char *path = in_dir("daemon.sock");

    /* It fits: must_fit has checked the name of the folder. */
    strncpy(a.sun_path, path, sizeof a.sun_path - 1);
    return a;
}

static void describe(int fd)
{
    char cwd[PATH_MAX] = "?";
    mode_t mask = umask(0);
    int tty = open("/dev/tty", O_RDONLY | O_CLOEXEC);

    umask(mask);
    if (getcwd(cwd, sizeof cwd) == NULL)
        strcpy(cwd, "?");
    dprintf(fd, "daemon %d, parent %d, group %d, session %d, "
                "tty %s, cwd %s, umask %04o\n",
            getpid(), getppid(), getpgrp(), getsid(0),
            tty < 0 ? "none" : "yes", cwd, (unsigned)mask);
    close(tty);
}

/* The thread that writes what this process is to every client. */
static void *answer(void *listener)
{
    int c, l = *(int *)listener;

    for (;;)
        if ((c = accept4(l, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
            describe(c);
            close(c);
        }
    return NULL;
}

static void serve(int seconds)
{
    struct timespec life = { .tv_sec = seconds };
    struct sockaddr_un a;
    pthread_t thread;
    sigset_t term;
    int l;

    if (fcntl(3, F_GETFD) < 0) {
        fprintf(stderr, "doublefork daemon: --serve writes to "
                "descriptor 3, which is not open: use --start\n");
        exit(2);
    }
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, NULL);
    lock_pid_file();
    a = address();
    unlink(a.sun_path); /* left by a daemon that was killed */
    l = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(l, (struct sockaddr *)&a, sizeof a) < 0 ||
        listen(l, 5) < 0) {
        report("socket: %s", strerror(errno));
        unlink(in_dir("daemon.pid"));
        exit(1);
    }
    chmod(a.sun_path, 0600); /* because the umask is 0 */
    report("daemon %d is ready", getpid());
    close(3);

    if (pthread_create(&thread, NULL, answer, &l) == 0)
        sigtimedwait(&term, NULL, &life);
    unlink(a.sun_path);
    unlink(in_dir("daemon.pid")); /* while it is locked */
    exit(0);
}

#endif
