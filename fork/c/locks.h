/* How the rows of differ lock a file, and look which process has
   the lock. */
#ifndef LOCKS_H
#define LOCKS_H

#include "common.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>

static int file; /* what the two rows lock */

static int lock_record(void)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

    check((file = memfd_create("differ", 0)) < 0, "memfd_create");
    check(fcntl(file, F_SETLK, &lock) < 0, "fcntl");
    return 0;
}

/* Asks which lock would block one of this process. */
static void get_record(char *v)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

    check(fcntl(file, F_GETLK, &lock) < 0, "fcntl");
    if (lock.l_type == F_UNLCK)
        strcpy(v, "is its own");
    else
        sprintf(v, "is that of %d", (int)lock.l_pid);
}

static int lock_file(void)
{
    check((file = memfd_create("differ", 0)) < 0, "memfd_create");
    check(flock(file, LOCK_EX) < 0, "flock");
    return 0;
}

/* Asks whether this process has the lock. If it has, it can lock
   the same open file description again, but not another one. */
static void get_locked(char *v)
{
    char path[40];
    int again;

    sprintf(path, "/proc/self/fd/%d", file);
    check((again = open(path, O_RDWR)) < 0, path);
    if (flock(again, LOCK_EX | LOCK_NB) == 0)
        strcpy(v, "is free");
    else if (flock(file, LOCK_EX | LOCK_NB) == 0)
        strcpy(v, "is its own");
    else
        strcpy(v, "belongs to another");
    close(again);
}

#endif
