/* What the steps of the recipe are for. */
#ifndef DAEMON_WHY_H
#define DAEMON_WHY_H

#include "daemon_dir.h"
#include <sched.h>
#include <sys/mount.h>

static void why_setsid(void)
{
    pid_t s = getsid(0), g = getpgrp();

    /* Only root can change to another user. */
    if (setuid(65534) < 0 && setuid(getuid()) < 0)
        fail("setuid");
    printf("after setuid: session and group as before: %s\n",
           getsid(0) == s && getpgrp() == g ? "true" : "false");
    fflush(stdout);
    if (setsid() < 0)
        fail("setsid");
    s = g = getpid();
    printf("after setsid: session and group are its own: %s\n",
           getsid(0) == s && getpgrp() == g ? "true" : "false");
}

static void opens(const char *role)
{
    char terminal[64];

    open_pty(terminal, sizeof terminal);
    if (open(terminal, O_RDWR | O_CLOEXEC) < 0)
        fail(terminal);
    printf("%s opens a terminal, its controlling terminal is %s\n",
           role, open("/dev/tty", 0) < 0 ? "none" : "that one");
    fflush(stdout);
    _exit(0);
}

static void why_fork(void)
{
    pid_t pid = do_fork();

    if (pid == 0) {
        setsid();
        opens("a session leader");
    }
    reap(pid);
    setsid();
    if ((pid = do_fork()) == 0)
        opens("its child");
    reap(pid);
}

static void unmount(const char *where)
{
    const char *seen = umount(dir) == 0 ? "done" :
        errno == EBUSY ? "EBUSY" : strerror(errno);

    printf("in %s: umount: %s, ", where, seen);
    printf("its file is %s\n", there(in_dir("mounted")));
    fflush(stdout);
}

/* Maps an id outside this user namespace to 0 inside. */
static void map_to_root(const char *path, unsigned id)
{
    int fd = open(path, O_WRONLY);

    dprintf(fd, "0 %u 1", id);
    close(fd);
}

/* Makes a mount namespace. A user who is not root makes a user
   namespace too, in which the user and the group are 0. */
static int unshare_mounts(void)
{
    uid_t uid = getuid();
    gid_t gid = getgid();
    int fd;

    if (uid == 0)
        return unshare(CLONE_NEWNS);
    if (unshare(CLONE_NEWNS | CLONE_NEWUSER) < 0)
        return -1;
    map_to_root("/proc/self/uid_map", uid);
    fd = open("/proc/self/setgroups", O_WRONLY);
    dprintf(fd, "deny");
    close(fd);
    map_to_root("/proc/self/gid_map", gid);
    return 0;
}

static void why_chdir(void)
{
    new_dir("apue-mount");
    if (unshare_mounts() < 0 ||
        mount("", "/", "", MS_REC | MS_PRIVATE, "") < 0 ||
        mount("apue", dir, "tmpfs", 0, "") < 0) {
        fprintf(stderr, "doublefork daemon: it cannot mount a file "
                "system (%s): run it as root, or where user "
                "namespaces are allowed\n", strerror(errno));
        rmdir(dir);
        exit(2);
    }
    close(open(in_dir("mounted"), O_WRONLY | O_CREAT, 0600));
    if (chdir(dir) < 0)
        fail("chdir");
    unmount("the file system");
    if (chdir("/") < 0)
        fail("chdir");
    unmount("/");
    rmdir(dir);
}

static void why_umask(void)
{
    static char *name[] = { "under-umask-022", "under-umask-000" };
    pid_t pid;

    new_dir("apue-umask");
    if (chdir(dir) < 0)
        fail("chdir");
    umask(022);
    close(open(name[0], O_WRONLY | O_CREAT | O_EXCL, 0666));
    umask(0);
    close(open(name[1], O_WRONLY | O_CREAT | O_EXCL, 0666));
    if ((pid = do_fork()) == 0) {
        execlp("stat", "stat", "-c", "%a %n", name[0], name[1],
               (char *)NULL);
        _exit(127);
    }
    reap(pid);
    unlink(name[0]);
    unlink(name[1]);
    rmdir(dir);
}

static int why(const char *step)
{
    static const struct {
        const char *step;
        void (*show)(void);
    } all[] = {
        { "setsid", why_setsid }, { "fork", why_fork },
        { "chdir", why_chdir }, { "umask", why_umask },
    };
    pid_t pid;

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(step, all[i].step) == 0) {
            if ((pid = do_fork()) == 0) {
                all[i].show();
                exit(0);
            }
            return WEXITSTATUS(reap(pid));
        }
    fprintf(stderr,
            "doublefork daemon: --why takes setsid, fork, chdir "
            "or umask\n");
    return 2;
}

#endif
