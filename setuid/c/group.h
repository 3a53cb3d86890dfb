/* The part of setid that a user without privilege can see: a
   set-group-ID file of another group that the user is in. The file
   has no name (O_TMPFILE), so no other process can execute it, and
   it is gone when it is closed. */
#ifndef GROUP_H
#define GROUP_H

#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

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

/* Says why such a file cannot be made, or why its bit has no
   effect; NULL if it can. */
static const char *no_unnamed(void)
{
    const char *dir = getenv("TMPDIR");
    static char why[100];
    struct statvfs fs;
    int fd = open(dir && *dir ? dir : "/tmp",
                  O_TMPFILE | O_RDWR | O_CLOEXEC, 0700);

    if (fd < 0) {
        snprintf(why, sizeof why, "O_TMPFILE: %s", result(1));
        return why;
    }
    check(fstatvfs(fd, &fs) < 0, "fstatvfs");
    close(fd);
    if (fs.f_flag & ST_NOSUID)
        return "the folder for temporary files has nosuid";
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 0)
        return "no_new_privs is set";
    return NULL;
}

/* Prints a line of /proc/PID/status with single blanks. */
static void status_line(pid_t pid, const char *name,
                        const char *after)
{
    char path[64], line[4096];
    size_t n = strlen(name);
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    file = fopen(path, "r");
    check(file == NULL, path);
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, name, n) == 0 && line[n] == ':') {
            printf("%s", name);
            for (char *w = strtok(line + n + 1, " \t\n"); w != NULL;
                 w = strtok(NULL, " \t\n"))
                printf(" %s", w);
            printf("%s", after);
        }
    fclose(file);
}

/* Executes this program in a child, from an unnamed file, and looks
   at it in /proc while it waits for the end of a pipe. Then the
   program prints its ids. */
static void held(const char *what, gid_t group, int no_new_privs)
{
    char *args[] = { "setid", "-held", "-inside", (char *)what,
                     NULL }, end;
    int fd = unnamed(group), executed[2], hold[2];
    pid_t pid;

    check(pipe2(executed, O_CLOEXEC) < 0, "pipe2");
    check(pipe2(hold, O_CLOEXEC) < 0, "pipe2");
    pid = do_fork();
    if (pid == 0) {
        check(no_new_privs
              && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0,
              "prctl");
        check(dup2(hold[0], 0) < 0, "dup2");
        fexecve(fd, args, environ);
        check(1, "fexecve");
    }
    close(executed[1]);
    close(hold[0]);
    /* The exec closes the child's copy: the end of the file. */
    check(read(executed[0], &end, 1) != 0, "read");
    printf("%s, held: ", what);
    status_line(pid, "Uid", ", ");
    status_line(pid, "Gid", ", ");
    status_line(pid, "Groups", "\n");
    fflush(stdout);
    close(executed[0]);
    close(hold[1]);
    close(fd);
    reap(pid);
}

/* Executes a plain file and, if the user is in a second group,
   files with the bit. An unprivileged recorder makes the kernel
   ignore it. */
static void without_privilege(void)
{
    const char *why = no_unnamed();

    if (why != NULL) {
        say("a set-group-ID file cannot be tried: %s", why);
        return;
    }
    held("a plain file", 0, 0);
    if (second_group() == 0) {
        say("a set-group-ID file takes a second group: "
            "this user is in one group only");
        return;
    }
    say("the second group: %d", (int)second_group());
    held("set-group-ID", second_group(), 0);
    held("no_new_privs", second_group(), 1);
}

#endif
