/* The part of ids that runs in a pid namespace of its own: there it
   can choose the next id, by writing the one before it to
   ns_last_pid. */
#ifndef NAMESPACE_H
#define NAMESPACE_H

#include "common.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>

static const char last_pid[] = "/proc/sys/kernel/ns_last_pid";

/* Ends the program if it cannot do something. */
static void need(const char *what, int failed)
{
    if (failed) {
        fprintf(stderr, "fork ids: it cannot %s (%s): run it as "
                "root, outside a container\n",
                what, strerror(errno));
        _exit(2);
    }
}

/* A child that lives until its parent tells it to end. */
struct held_child {
    pid_t pid;
    int leave;
};

static void own_group(void) { setpgid(0, 0); }

static void kill_first(void)
{
    check(kill(1, SIGKILL) < 0, "kill");
}

/* Asks for an id and forks: it makes the id before it the last one
   that was assigned. */
static struct held_child fork_as(int fd, int id, void (*act)(void))
{
    struct held_child h;
    char number[20], c;
    int leave[2], n;

    check(pipe2(leave, O_CLOEXEC) < 0, "pipe2");
    /* The kernel reads a number at the start of the file only. */
    n = snprintf(number, sizeof number, "%d", id - 1);
    check(pwrite(fd, number, (size_t)n, 0) != n, last_pid);
    if ((h.pid = do_fork()) == 0) {
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

/* Lets the child end, and returns when it is a zombie. */
static void become_zombie(struct held_child h)
{
    siginfo_t info;

    check(write(h.leave, ".", 1) != 1, "write");
    check(waitid(P_PID, (id_t)h.pid, &info, WEXITED | WNOWAIT) < 0,
          "waitid");
}

/* Lets the child end, and reaps it. */
static void end(struct held_child h)
{
    become_zombie(h);
    reap(h.pid);
    close(h.leave);
}

/* The first process of the namespace. */
static void process_1(void)
{
    int fd = open(last_pid, O_WRONLY | O_CLOEXEC);
    struct held_child killer, zombie, leader, member, next;

    need("open ns_last_pid", fd < 0);
    need("write to ns_last_pid",
         pwrite(fd, "40", 2, 0) != 2);
    say("process", "its parent is %ld", (long)getppid());

    killer = fork_as(fd, 50, kill_first);
    end(killer);
    say("process", "has survived kill(1, SIGKILL) of process %ld",
        (long)killer.pid);

    zombie = fork_as(fd, 50, NULL);
    become_zombie(zombie);
    next = fork_as(fd, 50, NULL);
    end(next);
    say("process", "50 is a zombie; asked for 50, got %ld",
        (long)next.pid);
    reap(zombie.pid);
    next = fork_as(fd, 50, NULL);
    end(next);
    say("process", "50 was waited for; asked for 50, got %ld",
        (long)next.pid);

    leader = fork_as(fd, 60, own_group);
    setpgid(leader.pid, leader.pid);
    member = fork_as(fd, 61, NULL);
    check(setpgid(member.pid, leader.pid) < 0, "setpgid");
    end(leader);
    next = fork_as(fd, 60, NULL);
    end(next);
    say("process", "60 is a group of %ld; asked for 60, got %ld",
        (long)member.pid, (long)next.pid);
    end(member);
    next = fork_as(fd, 60, NULL);
    end(next);
    say("process", "the group is gone; asked for 60, got %ld",
        (long)next.pid);
}

static int exit_status_of(pid_t pid)
{
    int status = reap(pid);

    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int namespace(void)
{
    pid_t pid = do_fork();

    if (pid > 0)
        return exit_status_of(pid);
    /* A user namespace gives the right to make a pid namespace. */
    need("make a pid namespace",
         unshare(CLONE_NEWUSER | CLONE_NEWPID) < 0
         && unshare(CLONE_NEWPID) < 0);
    if ((pid = do_fork()) == 0) {
        process_1();
        exit(0);
    }
    _exit(exit_status_of(pid));
}

#endif
