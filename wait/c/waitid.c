/* Figures 8.9, 8.10: the status experiment with waitid. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIDFD 3 /* P_PIDFD, which older headers lack */

static int show_uid;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static const char *name(int err)
{
    return err == ECHILD ? "ECHILD" : err == EINVAL ? "EINVAL"
           : err == ENOSYS ? "ENOSYS" : "another error";
}

static void child(int n)
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

static void pr_exit(int st)
{
    if (WIFEXITED(st))
        printf("normal termination, exit status = %d\n",
               WEXITSTATUS(st));
    else
        printf("abnormal termination, signal number = %d%s\n",
               WTERMSIG(st),
               WCOREDUMP(st) ? " (core file generated)" : "");
}

/* Look at a child, print what waitid tells of it, and then what
   waitpid makes of the same end. */
static void inform(const char *type, int idtype, id_t id)
{
    static const char *cld[] = { "", "CLD_EXITED", "CLD_KILLED",
        "CLD_DUMPED", "CLD_TRAPPED", "CLD_STOPPED",
        "CLD_CONTINUED" };
    siginfo_t info;
    int status;

    memset(&info, 0, sizeof info);
    if (waitid(idtype, id, &info, WEXITED | WNOWAIT) < 0) {
        printf("%s: %s\n", type, name(errno));
        return;
    }
    printf("%s: si_pid %ld, %s, si_status %d\n", type,
           (long)info.si_pid, cld[info.si_code], info.si_status);
    if (show_uid)
        printf("si_uid of %ld is %ld\n", (long)info.si_pid,
               (long)info.si_uid);
    if (waitpid(info.si_pid, &status, 0) != info.si_pid)
        die("waitpid");
    printf("  waitpid: 0x%04x, ", (unsigned)status);
    pr_exit(status);
}

static const char *bad(int options)
{
    siginfo_t info;

    return waitid(P_ALL, 0, &info, options) < 0 ? name(errno) : "0";
}

int main(int argc, char *argv[])
{
    pid_t pid[5];
    siginfo_t info;
    int fd;

    show_uid = argc > 1 && strcmp(argv[1], "-uid") == 0;
    for (int n = 1; n <= 4; n++) {
        if ((pid[n] = fork()) < 0)
            die("fork");
        if (pid[n] == 0)
            child(n);
        /* wait until it is a zombie, and leave it one */
        if (waitid(P_PID, pid[n], &info, WEXITED | WNOWAIT) < 0)
            die("waitid");
    }

    /* four zombies: each selection finds its own */
    if ((fd = (int)syscall(SYS_pidfd_open, pid[4], 0)) < 0) {
        printf("P_PIDFD: %s\n", name(errno));
        waitpid(pid[4], NULL, 0);
    } else {
        inform("P_PIDFD", PIDFD, (id_t)fd);
        close(fd);
    }
    inform("P_PGID", P_PGID, (id_t)pid[2]);
    inform("P_PID", P_PID, (id_t)pid[3]);
    inform("P_ALL", P_ALL, 0);

    printf("no change named:  %s\n", bad(WNOHANG));
    printf("an unknown bit:   %s\n", bad(WEXITED | 0x100));
    printf("no child left:    %s\n", bad(WEXITED));
    return 0;
}
