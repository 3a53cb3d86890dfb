/* The part of setid that a user without privilege can see: a
   set-group-ID file of another group that the user is in. The file
   has no name (O_TMPFILE), so no other process can execute it, and
   it is gone when it is closed. */
#ifndef GROUP_H
#define GROUP_H

#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "common.h"

/* The second group; 0 if there is none. */
static gid_t second_group(void)
{
    gid_t all[256];
    int n = getgroups(256, all);

    for (int i = 0; i < n; i++)
        if (all[i] != 0 && all[i] != getegid())
            return all[i];
    return 0;
}

/* A copy of this program without a name, open for reading, with the
   set-group-ID bit if a group is given. */
static int unnamed(gid_t group)
{
    const char *dir = getenv("TMPDIR");
    char path[64];
    struct stat program;
    int in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    int out = open(dir && *dir ? dir : "/tmp",
                   O_TMPFILE | O_RDWR | O_CLOEXEC, 0700);

    check(in < 0 || fstat(in, &program) < 0, "/proc/self/exe");
    check(out < 0, "O_TMPFILE");
    check(sendfile(out, in, NULL, (size_t)program.st_size)
          != program.st_size, "sendfile");
    /* In this order, because a chown clears the bits. */
    if (group != 0)
        check(fchown(out, (uid_t)-1, group) < 0, "fchown");
    check(fchmod(out, group != 0 ? S_ISGID | 0710 : 0700) < 0,
          "fchmod");
    /* A file that is open for writing cannot be executed. */
    snprintf(path, sizeof path, "/proc/self/fd/%d", out);
    in = open(path, O_RDONLY | O_CLOEXEC);
    check(in < 0, path);
    close(out);
    return in;
}

/* Executes the open file, which prints its ids. */
static void execute_file(int fd, const char *what)
{
    char *args[] = { "setid", "-inside", (char *)what, NULL };

    fexecve(fd, args, environ);
    check(1, "fexecve");
}

static void plain_file(void)
{
    execute_file(unnamed(0), "a plain file");
}

static void group_file(void)
{
    execute_file(unnamed(second_group()), "set-group-ID");
}

static void group_file_no_new_privs(void)
{
    check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0, "prctl");
    execute_file(unnamed(second_group()), "no_new_privs");
}

/* Executes a plain file and, if the user is in a second group,
   files with the bit. An unprivileged recorder makes the kernel
   ignore it. */
static void without_privilege(void)
{
    in_child(plain_file);
    if (second_group() == 0) {
        say("a set-group-ID file takes a second group: "
            "this user is in one group only");
        return;
    }
    say("the second group: %d", (int)second_group());
    in_child(group_file);
    in_child(group_file_no_new_privs);
}

#endif
