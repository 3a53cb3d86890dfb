/* Where the pid file and the socket of daemon.c are. */
#ifndef DAEMON_DIR_H
#define DAEMON_DIR_H

#include "common.h"
#include <limits.h>
#include <sys/stat.h>

/* how many bytes the name of a socket may have, with its null
   byte */
enum { SOCKET_PATH = 108 };

static char dir[PATH_MAX];

static const char *in_dir(const char *name)
{
    static char path[PATH_MAX + 32];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

/* Ends the program if the name of the folder, n bytes, is too long
   for a socket in it. */
static void must_fit(int n)
{
    if (n + (int)sizeof "/daemon.sock" > SOCKET_PATH) {
        fprintf(stderr, "doublefork daemon: the name of the folder "
                "is too long for a socket in it: name another "
                "one\n");
        exit(2);
    }
}

/* Makes the name of the folder absolute. */
static void absolute_dir(const char *name)
{
    char cwd[PATH_MAX] = "";
    int n;

    if (name[0] != '/' && getcwd(cwd, sizeof cwd) == NULL)
        fail("getcwd");
    n = snprintf(dir, sizeof dir, "%s%s%s", cwd,
                 name[0] == '/' ? "" : "/", name);
    must_fit(n);
}

/* Makes a new folder. */
static void new_dir(const char *name)
{
    const char *tmp = getenv("TMPDIR");

    must_fit(snprintf(dir, sizeof dir, "%s/%s-%d",
                      tmp ? tmp : "/tmp", name, getpid()));
    if (mkdir(dir, 0700) < 0)
        fail(dir);
}

static const char *there(const char *path)
{
    int fd = open(path, O_PATH | O_CLOEXEC);

    if (fd < 0)
        return "gone";
    close(fd);
    return "there";
}

#endif
