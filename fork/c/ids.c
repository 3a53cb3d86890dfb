/* The ids of processes, and how the kernel assigns them.
   --here: processes 0, 1 and 2. --namespace: choose the next id. */
#define _GNU_SOURCE
#include "common.h"
#include "namespace.h"

#include <errno.h>
#include <sys/stat.h>

/* Prints what the six functions return. None can fail. */
static void say_ids(const char *role)
{
    say(role, "parent %ld, real uid %u, effective uid %u",
        (long)getppid(), getuid(), geteuid());
    say(role, "real gid %u, effective gid %u", getgid(), getegid());
}

static void ids(void)
{
    const int children = 100;
    pid_t pid, last = 0;
    int twice = 0;

    say_ids("parent");
    if ((pid = do_fork()) == 0) {
        say_ids("child");
        exit(0);
    }
    reap(pid);
    for (int i = 0; i < children; i++) {
        if ((pid = do_fork()) == 0)
            _exit(0);
        reap(pid); /* now its id is free */
        twice += pid == last;
        last = pid;
    }
    say("parent", "%d children in turn, ids given twice in a row: "
        "%d", children, twice);
}

/* What it means that /proc has no file for a process. Process 1
   always exists: if its file cannot be read, /proc hides the
   processes of other users (mount option hidepid). */
static const char *absent(int pid)
{
    int none = errno == ENOENT;
    FILE *f = fopen("/proc/1/stat", "r");

    if (f)
        fclose(f);
    return none && (pid == 0 || f) ? "is not a process"
        : "cannot be seen";
}

/* Prints what the processes 0, 1 and 2 are. */
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
            printf("%d %s\n", pid, absent(pid));
            continue;
        }
        check(!fgets(text, sizeof text, f), path);
        fclose(f);
        /* The name may contain spaces and parentheses. */
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
    if (option(argc, argv, "here"))
        here();
    else if (option(argc, argv, "namespace"))
        return namespace();
    else
        ids();
    return 0;
}
