/* Where the pid file and the socket of daemon.c are. */
#ifndef DAEMON_DIR_H
#define DAEMON_DIR_H

#include "common.h"
#include <limits.h>
#include <sys/stat.h>

static char dir[PATH_MAX]; /* where pid file and socket are */

static const char *in_dir(const char *name)
{
    static char path[PATH_MAX + 32];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

/* The folder that was named, from / on. */
static void absolute_dir(const char *name)
{
    char cwd[PATH_MAX] = "";
    int n;

    if (name[0] != '/' && getcwd(cwd, sizeof cwd) == NULL)
        fail("getcwd");
    n = snprintf(dir, sizeof dir, "%s%s%s", cwd,
                 name[0] == '/' ? "" : "/", name);
    if (n >= (int)sizeof dir) {
        fprintf(stderr, "the name of the folder is too long\n");
        exit(2);
    }
}

/* A folder that nobody else has. */
static void new_dir(const char *name)
{
    const char *tmp = getenv("TMPDIR");

    snprintf(dir, sizeof dir, "%s/%s-%d",
             tmp ? tmp : "/tmp", name, getpid());
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
