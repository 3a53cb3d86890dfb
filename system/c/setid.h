/* A folder for set-user-ID files that only these processes see. */
#ifndef SETID_H
#define SETID_H

#include "common.h"

#include <sys/mount.h>
#include <sys/stat.h>

#define FOLDER "/mnt"

/* Gives the calling process a mount namespace of its own, and an
   empty file system in memory there. */
static inline int setid_folder(void)
{
    return unshare(CLONE_NEWNS) == 0
        && mount("", "/", "", MS_REC | MS_PRIVATE, "") == 0
        && mount("apue", FOLDER, "tmpfs", MS_NODEV,
                 "mode=755,size=64m") == 0;
}

/* Copies this program to NAME in the folder, owned by id, with
   mode. A set-id file of root's is never made. */
static inline int setid_install(const char *name, id_t id,
                                mode_t mode)
{
    char path[64], buffer[4096];
    int in, out;
    ssize_t n;

    if ((mode & (S_ISUID | S_ISGID)) && id == 0)
        return errno = EINVAL, 0;
    snprintf(path, sizeof path, FOLDER "/%s", name);
    in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    out = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (in < 0 || out < 0)
        return 0;
    while ((n = read(in, buffer, sizeof buffer)) > 0)
        if (write(out, buffer, (size_t)n) != n)
            return 0;
    close(in);
    close(out);
    /* In this order, because a chown clears the bits. */
    return chown(path, id, id) == 0 && chmod(path, mode) == 0;
}

/* Prints the caller's real, effective and saved user id. */
static inline void say_ids(const char *what)
{
    uid_t real, effective, saved;

    getresuid(&real, &effective, &saved);
    say("%s: real %d, effective %d, saved %d", what, (int)real,
        (int)effective, (int)saved);
}

#endif
