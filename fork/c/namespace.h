/* The part of ids in a pid namespace of its own, where ns_last_pid
   says which id the next process would get. */

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

static void kill_first(void)
{
    check(kill(1, SIGKILL) < 0, "kill");
}

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
    lacking("pid namespace",
            unshare(CLONE_NEWUSER | CLONE_NEWPID) < 0
            && unshare(CLONE_NEWPID) < 0);
    check((pid = fork()) < 0, "fork");
    if (pid == 0) {
        first();
        exit(0);
    }
    _exit(status_of(pid));
}
