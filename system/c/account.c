/* Figures 8.26 to 8.29: process accounting, in a pid namespace of
   its own. --errors: what acct refuses. */
#include "common.h"

#include <linux/acct.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

int acct(const char *path); /* unistd.h has it for _BSD_SOURCE */

#define FOLDER "/mnt"

static void exits(void) { _exit(2); }
static void dies(void) { raise(SIGKILL); }

static void aborts(void)
{
    struct rlimit none = { 0, 0 };

    setrlimit(RLIMIT_CORE, &none);
    abort();
}

static void executes(void)
{
    execl("/bin/sh", "sh", "-c", "exec sh -c 'exec sleep 0'",
          (char *)0);
}

static void privileged(void)
{
    mknod(FOLDER "/device", S_IFCHR, makedev(1, 3));
}

/* The words of proc.WaitStatus.Short. */
static const char *word(int status)
{
    static char text[64];

    if (WIFEXITED(status))
        snprintf(text, sizeof text, "exited %d",
                 WEXITSTATUS(status));
    else
        snprintf(text, sizeof text, "killed by SIG%s (%d)",
                 sigabbrev_np(WTERMSIG(status)), WTERMSIG(status));
    return text;
}

static void print(const struct acct_v3 *r)
{
    say("%.16s: pid %u, parent %u, version %d, %s%s%s%s%s",
        r->ac_comm, r->ac_pid, r->ac_ppid, r->ac_version & 15,
        word((int)r->ac_exitcode),
        r->ac_flag & AFORK ? " AFORK" : "",
        r->ac_flag & ASU ? " ASU" : "",
        r->ac_flag & ACORE ? " ACORE" : "",
        r->ac_flag & AXSIG ? " AXSIG" : "");
}

static void refused(const char *name)
{
    int failed = acct(name) < 0;

    if (failed && errno == EPERM)
        cannot("account", "accounting takes CAP_SYS_PACCT in the "
               "first user namespace: run it as root");
    say("acct %s: %s", name, result(failed));
}

static void without_privilege(void)
{
    if (become_unused(UNUSED_ID)) {
        int failed = acct(NULL) < 0;

        say("acct without privilege: %s", result(failed));
    }
}

static void refusals(void)
{
    refused(FOLDER "/nothing");
    refused(FOLDER);
    refused("/dev/null");
    refused("/proc/self/stat");
    in_child(without_privilege);
}

static void account(void)
{
    static struct acct_v3 r[100];
    int fd = open(FOLDER "/acct", O_CREAT | O_RDONLY | O_CLOEXEC,
                  0600);
    pid_t zombie;
    ssize_t n;

    check(fd < 0, FOLDER "/acct");
    if (acct(FOLDER "/acct") < 0)
        cannot("account", "accounting takes CAP_SYS_PACCT and a "
               "kernel with CONFIG_BSD_PROCESS_ACCT");
    in_child(exits);
    in_child(aborts);
    in_child(executes);
    in_child(dies);
    in_child(privileged);
    if ((zombie = do_fork()) == 0)
        _exit(0);
    until_zombie(zombie);
    n = pread(fd, r, sizeof r, 0);
    say("records, one child a zombie: %d", (int)n / 64);
    reap(zombie);
    check(acct(NULL) < 0, "acct");
    n = pread(fd, r, sizeof r, 0);
    for (int i = 0; i < n / 64; i++)
        print(&r[i]);
}

int main(int argc, char *argv[])
{
    pid_t pid;

    /* A child of unshare is the first of the new namespace. */
    if (unshare(CLONE_NEWPID | CLONE_NEWNS) < 0)
        cannot("account", "a pid namespace of its own takes "
               "CAP_SYS_ADMIN: run it as root");
    if ((pid = do_fork()) > 0)
        return WEXITSTATUS(reap(pid));
    check(mount("", "/", "", MS_REC | MS_PRIVATE, "") < 0
          || mount("apue", FOLDER, "tmpfs", 0, "size=1m") < 0,
          "mount");
    prctl(PR_SET_NAME, "account");
    if (option(argc, argv, "errors"))
        refusals();
    else
        account();
    return 0;
}
