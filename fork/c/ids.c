/* The identifiers of processes, and how the kernel gives them out.
   -here: who 0, 1 and 2 are. -namespace: ask for certain ids. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void check(int failed, const char *call)
{
    if (failed) {
        perror(call);
        _exit(1);
    }
}

static void say(const char *who, const char *format, ...)
{
    va_list ap;

    printf("%s %ld: ", who, (long)getpid());
    va_start(ap, format);
    vprintf(format, ap);
    va_end(ap);
    printf("\n");
}

#include "namespace.h"

/* What the six calls return: they have no error. */
static void say_ids(const char *who)
{
    say(who, "parent %ld, real uid %u, effective uid %u",
        (long)getppid(), getuid(), geteuid());
    say(who, "real gid %u, effective gid %u", getgid(), getegid());
}

static void ids(void)
{
    const int children = 100;
    pid_t pid, last = 0;
    int twice = 0;

    say_ids("parent");
    check((pid = fork()) < 0, "fork");
    if (pid == 0) {
        say_ids("child");
        exit(0);
    }
    check(waitpid(pid, NULL, 0) != pid, "waitpid");
    for (int i = 0; i < children; i++) {
        check((pid = fork()) < 0, "fork");
        if (pid == 0)
            _exit(0);
        check(waitpid(pid, NULL, 0) != pid, "waitpid"); /* free */
        twice += pid == last;
        last = pid;
    }
    say("parent", "%d children in turn, ids given twice in a row: "
        "%d", children, twice);
}

/* What it means that a process has no file in /proc. With hidepid
   others' processes are not shown; 1 is always there. */
static const char *unseen(int pid)
{
    int none = errno == ENOENT;
    FILE *f = fopen("/proc/1/stat", "r");

    if (f)
        fclose(f);
    return none && (pid == 0 || f) ? "is no process"
        : "can not be seen";
}

/* Says who the processes 0, 1 and 2 are. */
static void here(void)
{
    const unsigned kthread = 0x200000; /* PF_KTHREAD */

    for (int pid = 0; pid < 3; pid++) {
        char path[40], text[1024] = "", *name, *end;
        struct stat info;
        unsigned flags = 0;
        int ppid = 0;
        FILE *f;

        snprintf(path, sizeof path, "/proc/%d/stat", pid);
        if (!(f = fopen(path, "r"))) {
            printf("%d %s\n", pid, unseen(pid));
            continue;
        }
        check(!fgets(text, sizeof text, f), path);
        fclose(f);
        /* The name may hold spaces and parentheses. */
        name = strchr(text, '(');
        end = strrchr(text, ')');
        check(!name || !end, path);
        *end = '\0';
        sscanf(end + 1, " %*c %d %*d %*d %*d %*d %u", &ppid,
               &flags);
        snprintf(path, sizeof path, "/proc/%d", pid);
        check(stat(path, &info) < 0, path);
        printf("%d is %s: %s, uid %u, parent %d\n", pid, name + 1,
               flags & kthread ? "a thread of the kernel"
               : "a user process", info.st_uid, ppid);
    }
}

int main(int argc, char *argv[])
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc > 1 && strcmp(argv[1], "-here") == 0)
        here();
    else if (argc > 1 && strcmp(argv[1], "-namespace") == 0)
        return namespace();
    else
        ids();
    return 0;
}
