/* Figures 8.9, 8.10: the experiment status with waitid. --stops: a
   child stops and continues. */
#define _GNU_SOURCE
#include "common.h"

#include <sys/prctl.h>
#include <sys/syscall.h>

#define PIDFD 3 /* P_PIDFD, which older headers lack */

static int show_uid;

/* The end of child n. */
static void end(int n)
{
    switch (n) {
    case 1:
        _exit(7);
    case 2:
        setpgid(0, 0);
        abort();
    case 3:
        raise(SIGFPE);
        break;
    case 4:
        prctl(PR_SET_DUMPABLE, 0);
        abort();
    }
    _exit(99);
}

/* Prints what waitid says about a child, and then what waitpid says
   about the same end. */
static void compare(const char *type, int idtype, id_t id)
{
    siginfo_t info;
    int status;

    memset(&info, 0, sizeof info);
    if (waitid(idtype, id, &info, WEXITED | WNOWAIT) < 0) {
        printf("%s: %s\n", type, errno_name(errno));
        return;
    }
    printf("%s: si_pid %ld, %s, si_status %d\n", type,
           (long)info.si_pid, cld_names[info.si_code],
           info.si_status);
    if (show_uid)
        printf("si_uid of %ld is %ld\n", (long)info.si_pid,
               (long)info.si_uid);
    status = reap(info.si_pid);
    printf("  waitpid: 0x%04x, ", (unsigned)status);
    pr_exit(status);
}

/* The error of waitid with these options. */
static const char *fails(int options)
{
    siginfo_t info;

    return waitid(P_ALL, 0, &info, options) < 0
        ? errno_name(errno) : "0";
}

/* Calls waitid and prints what it returned. If no child has
   changed, WNOHANG makes waitid return with si_pid 0. */
static void look(const char *what, pid_t pid, int options)
{
    siginfo_t info;

    memset(&info, 0, sizeof info);
    if (waitid(P_PID, (id_t)pid, &info, options) < 0)
        printf("%-22s %s\n", what, errno_name(errno));
    else if (info.si_pid == 0)
        printf("%-22s si_pid 0\n", what);
    else
        printf("%-22s si_pid %ld, %s, si_status %d\n", what,
               (long)info.si_pid, cld_names[info.si_code],
               info.si_status);
    fflush(stdout);
}

static void stops_and_continues(void)
{
    int leave;
    pid_t pid = child_until(&leave, 7, 0);

    look("running, WNOHANG", pid, WEXITED | WNOHANG);

    check(kill(pid, SIGSTOP) < 0, "kill");
    look("stopped, WSTOPPED", pid, WSTOPPED);
    look("again, WNOHANG", pid, WSTOPPED | WNOHANG);

    check(kill(pid, SIGCONT) < 0, "kill");
    look("continued, WCONTINUED", pid, WCONTINUED);
    look("again, WNOHANG", pid, WCONTINUED | WNOHANG);

    close(leave);
    look("ended, WEXITED", pid, WEXITED);
}

int main(int argc, char *argv[])
{
    pid_t pid[5];
    int fd;

    show_uid = option(argc, argv, "uid");
    if (option(argc, argv, "stops")) {
        stops_and_continues();
        return 0;
    }
    for (int n = 1; n <= 4; n++) {
        if ((pid[n] = do_fork()) == 0)
            end(n);
        until(pid[n], WEXITED);
    }

    /* There are four zombies: only the arguments decide which one
       waitid returns. */
    if ((fd = (int)syscall(SYS_pidfd_open, pid[4], 0)) < 0) {
        printf("P_PIDFD: %s\n", errno_name(errno));
        reap(pid[4]);
    } else {
        compare("P_PIDFD", PIDFD, (id_t)fd);
        close(fd);
    }
    compare("P_PGID", P_PGID, (id_t)pid[2]);
    compare("P_PID", P_PID, (id_t)pid[3]);
    compare("P_ALL", P_ALL, 0);

    printf("no change named:  %s\n", fails(WNOHANG));
    printf("an unknown bit:   %s\n", fails(WEXITED | 0x100));
    printf("no child left:    %s\n", fails(WEXITED));
    return 0;
}
