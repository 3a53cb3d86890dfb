/* How the rows of inherit set and read the process group, the
   session, the terminal, the directories and the ids. */
#ifndef ATTRIBUTES_H
#define ATTRIBUTES_H

#include "common.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

static int set_group(void) { return setpgid(0, 0); }
static void get_group(char *v) { sprintf(v, "%d", (int)getpgrp()); }
static int set_session(void) { return setsid() < 0; }

static void get_session(char *v)
{
    sprintf(v, "%d", (int)getsid(0));
}

static int set_terminal(void)
{
    int ptmx = posix_openpt(O_RDWR | O_NOCTTY), tty;

    if (ptmx < 0 || unlockpt(ptmx) < 0)
        return -1;
    tty = open(ptsname(ptmx), O_RDWR | O_NOCTTY);
    return tty < 0 || setsid() < 0 || ioctl(tty, TIOCSCTTY, 0) < 0;
}

static void get_terminal(char *v)
{
    int fd = open("/dev/tty", O_RDWR | O_NOCTTY);

    strcpy(v, fd < 0 ? "none" : "opens as /dev/tty");
    close(fd);
}

static int set_cwd(void) { return chdir("/"); }
static void get_cwd(char *v) { check(!getcwd(v, 200), "getcwd"); }
static int set_umask(void) { return umask(0135), 0; }

static void get_umask(char *v)
{
    mode_t mask = umask(0);

    umask(mask);
    sprintf(v, "%04o", (unsigned)mask);
}

static int set_ruid(void) { return setresuid(7000001, -1, -1); }
static int set_euid(void) { return setresuid(-1, 7000002, -1); }
static int set_suid(void) { return setresuid(-1, -1, 7000003); }
static int set_rgid(void) { return setresgid(7000001, -1, -1); }
static int set_egid(void) { return setresgid(-1, 7000002, -1); }
static int set_sgid(void) { return setresgid(-1, -1, 7000003); }

static void get_id(char *v, int which, int group)
{
    uid_t u[3];
    gid_t g[3];

    getresuid(&u[0], &u[1], &u[2]);
    getresgid(&g[0], &g[1], &g[2]);
    sprintf(v, "%u", group ? g[which] : u[which]);
}

static void get_ruid(char *v) { get_id(v, 0, 0); }
static void get_euid(char *v) { get_id(v, 1, 0); }
static void get_suid(char *v) { get_id(v, 2, 0); }
static void get_rgid(char *v) { get_id(v, 0, 1); }
static void get_egid(char *v) { get_id(v, 1, 1); }
static void get_sgid(char *v) { get_id(v, 2, 1); }

static int set_groups(void)
{
    gid_t g[2] = { 7000004, 7000005 };

    return setgroups(2, g);
}

static void get_groups(char *v)
{
    gid_t g[64];
    int n = getgroups(64, g);

    *v = '\0';
    for (int i = 0; i < n && i < 10; i++)
        v += sprintf(v, i ? " %u" : "%u", g[i]);
}

static struct stat usr;

static int set_root(void)
{
    return stat("/usr", &usr) < 0 || chroot("/usr") < 0;
}

static void get_root(char *v)
{
    struct stat now;

    check(stat("/", &now) < 0, "stat");
    strcpy(v, now.st_dev == usr.st_dev && now.st_ino == usr.st_ino
           ? "/usr" : "another");
}

#endif
