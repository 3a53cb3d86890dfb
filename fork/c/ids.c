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
    say("parent", "%d children in turn, ids given twice in a row: %d",
        children, twice);
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
            printf("%d is no process\n", pid);
            continue;
        }
        check(!fgets(text, sizeof text, f), path);
        fclose(f);
        /* The name may hold spaces and parentheses. */
        name = strchr(text, '(');
        end = strrchr(text, ')');
        check(!name || !end, path);
        *end = '\0';
        sscanf(end + 1, " %*c %d %*d %*d %*d %*d %u", &ppid, &flags);
        snprintf(path, sizeof path, "/proc/%d", pid);
        check(stat(path, &info) < 0, path);
        printf("%d is %s: %s, uid %u, parent %d\n", pid, name + 1,
               flags & kthread ? "a thread of the kernel"
               : "a user process", info.st_uid, ppid);
    }
}

/* ---- In a pid namespace of its own, where ns_last_pid says which
   id the next process would get. ---- */

static const char last_pid[] = "/proc/sys/kernel/ns_last_pid";

static void lacking(const char *what, int failed)
{
    if (failed) {
        fprintf(stderr, "fork ids: no %s here: %s; try it as root, "
                "outside a container\n", what, strerror(errno));
        _exit(2);
    }
}

/* A process that lives until it is told to end. */
struct held {
    pid_t pid;
    int leave;
};

static void own_group(void) { setpgid(0, 0); }
static void kill_first(void) { check(kill(1, SIGKILL) < 0, "kill"); }

/* Forks when the id before this one was the last given out. */
static struct held ask(int fd, int id, void (*act)(void))
{
    struct held h;
    char number[20], c;
    int leave[2], n;

    check(pipe2(leave, O_CLOEXEC) < 0, "pipe2");
    /* A number counts at the start of the file only. */
    n = snprintf(number, sizeof number, "%d", id - 1);
    check(pwrite(fd, number, (size_t)n, 0) != n, last_pid);
    check((h.pid = fork()) < 0, "fork");
    if (h.pid == 0) {
        close(leave[1]);
        if (act)
            act();
        check(read(leave[0], &c, 1) < 0, "read");
        _exit(0);
    }
    close(leave[0]);
    h.leave = leave[1];
    return h;
}

/* Lets it end, and returns when it is a zombie. */
static void die(struct held h)
{
    siginfo_t info;

    check(write(h.leave, ".", 1) != 1, "write");
    check(waitid(P_PID, (id_t)h.pid, &info, WEXITED | WNOWAIT) < 0,
          "waitid");
}

/* Waits for it too. */
static void end(struct held h)
{
    die(h);
    check(waitpid(h.pid, NULL, 0) != h.pid, "waitpid");
    close(h.leave);
}

static void first(void)
{
    int fd = open(last_pid, O_WRONLY | O_CLOEXEC);
    struct held killer, zombie, leader, member, next;

    lacking(last_pid, fd < 0);
    lacking("right to write to ns_last_pid",
            pwrite(fd, "40", 2, 0) != 2);
    say("process", "its parent is %ld", (long)getppid());

    killer = ask(fd, 50, kill_first);
    end(killer);
    say("process", "has survived kill(1, SIGKILL) of process %ld",
        (long)killer.pid);

    zombie = ask(fd, 50, NULL);
    die(zombie);
    next = ask(fd, 50, NULL);
    end(next);
    say("process", "50 is a zombie; asked for 50, got %ld",
        (long)next.pid);
    check(waitpid(zombie.pid, NULL, 0) != zombie.pid, "waitpid");
    next = ask(fd, 50, NULL);
    end(next);
    say("process", "50 was waited for; asked for 50, got %ld",
        (long)next.pid);

    leader = ask(fd, 60, own_group);
    setpgid(leader.pid, leader.pid);
    member = ask(fd, 61, NULL);
    check(setpgid(member.pid, leader.pid) < 0, "setpgid");
    end(leader);
    next = ask(fd, 60, NULL);
    end(next);
    say("process", "60 is a group of %ld; asked for 60, got %ld",
        (long)member.pid, (long)next.pid);
    end(member);
    next = ask(fd, 60, NULL);
    end(next);
    say("process", "the group is gone; asked for 60, got %ld",
        (long)next.pid);
}

static int status_of(pid_t pid)
{
    int status;

    check(waitpid(pid, &status, 0) != pid, "waitpid");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int namespace(void)
{
    pid_t pid = fork();

    check(pid < 0, "fork");
    if (pid > 0)
        return status_of(pid);
    /* A user namespace gives the right to make the other. */
    lacking("pid namespace", unshare(CLONE_NEWUSER | CLONE_NEWPID) < 0
            && unshare(CLONE_NEWPID) < 0);
    check((pid = fork()) < 0, "fork");
    if (pid == 0) {
        first();
        exit(0);
    }
    _exit(status_of(pid));
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
