/* How the rows of inherit set and read descriptors, memory and
   limits. */
#ifndef OBJECTS_H
#define OBJECTS_H

#include "common.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>

static int set_flags(void)
{
    int fd = memfd_create("pair", 0);

    if (fd < 0 || dup3(fd, 50, O_CLOEXEC) < 0)
        return -1;
    return dup2(fd, 51) < 0;
}

static void get_flags(char *v)
{
    sprintf(v, "50: %d, 51: %d", fcntl(50, F_GETFD),
            fcntl(51, F_GETFD));
}

static int set_environment(void)
{
    char v[40];

    sprintf(v, "set by %d", (int)getpid());
    return setenv("APUE", v, 1);
}

static void get_environment(char *v) { strcpy(v, getenv("APUE")); }

static void change_environment(void)
{
    setenv("APUE", "changed by the child", 1);
}

static char *segment, *mapped;

static int set_segment(void)
{
    int id = shmget(IPC_PRIVATE, 4096, 0600);

    if (id < 0 || (segment = shmat(id, NULL, 0)) == (void *)-1)
        return -1;
    strcpy(segment, "hello");
    return shmctl(id, IPC_RMID, NULL);
}

static void get_segment(char *v) { strcpy(v, segment); }

static int set_mapping(void)
{
    int fd = memfd_create("inherit", 0);

    if (fd < 0 || write(fd, "hello", 5) != 5)
        return -1;
    mapped = mmap(NULL, 5, PROT_READ, MAP_SHARED, fd, 0);
    return mapped == MAP_FAILED;
}

static void get_mapping(char *v) { sprintf(v, "%.5s", mapped); }

static int set_limit(void)
{
    struct rlimit limit;

    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 12345678;
    return setrlimit(RLIMIT_FSIZE, &limit);
}

static void get_limit(char *v)
{
    struct rlimit limit;

    getrlimit(RLIMIT_FSIZE, &limit);
    sprintf(v, "%lu bytes", (unsigned long)limit.rlim_cur);
}

static int set_nice(void)
{
    return setpriority(PRIO_PROCESS, 0, 17);
}

static void get_nice(char *v)
{
    sprintf(v, "%d", getpriority(PRIO_PROCESS, 0));
}

#endif
