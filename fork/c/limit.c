/* fork until it fails: for a user, and for the system. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static void cannot(const char *why)
{
    fprintf(stderr, "fork limit: %s\n", why);
    _exit(2);
}

static const char *word(pid_t pid)
{
    if (pid >= 0)
        return "a child";
    return errno == EAGAIN ? "EAGAIN" : strerror(errno);
}

/* Forks once and says what it gave. */
static const char *try(void)
{
    pid_t pid = fork();
    const char *what = word(pid);

    if (pid == 0)
        _exit(0);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    return what;
}

/* Forks till it fails, and says what the dead count for. */
static void fill(const char *who, int most)
{
    int gate[2], n = 0;
    long me = getpid();
    siginfo_t info;
    pid_t *pids = calloc(most, sizeof *pids), pid = 0;

    if (pids == NULL || pipe2(gate, O_CLOEXEC) < 0)
        _exit(1);
    while (n < most && (pid = fork()) >= 0) {
        if (pid == 0) { /* it lives until the gate is opened */
            char c;
            close(gate[1]);
            _exit(read(gate[0], &c, 1) != 0);
        }
        pids[n++] = pid;
    }
    if (n == 0) /* before Linux 5.14, in a user namespace */
        cannot("the user's other processes count too");
    printf("%s %ld: %d children, fork gives %s\n",
           who, me, n, word(pid));
    close(gate[1]);
    if (pid >= 0)
        cannot("the limit does not bind the machine's root");
    for (int i = 0; i < n; i++) /* all dead, none collected */
        waitid(P_PID, pids[i], &info, WEXITED | WNOWAIT);
    printf("%s %ld: %d zombies, fork gives %s\n",
           who, me, n, try());
    while (wait(NULL) > 0)
        ;
    printf("%s %ld: all collected, fork gives %s\n",
           who, me, try());
}

static void limited(rlim_t n)
{
    struct rlimit limit = { n, n };

    if (setrlimit(RLIMIT_NPROC, &limit) < 0)
        _exit(1);
}

static void user_limit(void)
{
    /* Nobody has these; a container may have 65,536 ids only. */
    long own = (1L << 30) + getpid();
    long low = 40000 + getpid() % 20000;

    if (syscall(SYS_setresuid, own, own, own) < 0
        && syscall(SYS_setresuid, low, low, low) < 0
        && unshare(CLONE_NEWUSER) < 0)
        cannot("it needs root or user namespaces");
    limited(8);
    fill("user", 12);
}

static void root_exempt(void)
{
    if (geteuid() != 0)
        cannot("that root is exempt can be seen by root only");
    limited(1);
    printf("root %ld: limit 1, fork gives %s\n",
           (long)getpid(), try());
}

static void system_limit(void)
{
    struct utsname name;
    int major = 0, minor = 0, status;
    pid_t pid = -1;

    uname(&name);
    sscanf(name.release, "%d.%d", &major, &minor);
    if (major < 6 || (major == 6 && minor < 14))
        cannot("before Linux 6.14 pid_max is the whole machine's");
    if (unshare(CLONE_NEWPID) < 0
        && unshare(CLONE_NEWPID | CLONE_NEWUSER) < 0)
        cannot("it needs root or user namespaces");
    if ((pid = fork()) < 0)
        cannot("fork fails at once");
    if (pid == 0) { /* its first process */
        int fd = open("/proc/sys/kernel/pid_max", O_WRONLY);

        if (fd < 0 || write(fd, "301", 3) != 3)
            cannot("the namespace's pid_max can not be set");
        fill("system", 1000);
        _exit(0);
    }
    if (waitpid(pid, &status, 0) != pid)
        _exit(1);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

int main(int argc, char *argv[])
{
    const char *only = argc > 2 ? argv[2] : "";
    const char *name[] = { "user", "root", "system" };
    void (*run[])(void) = { user_limit, root_exempt, system_limit };
    int done = 0, known = 0, status;

    setvbuf(stdout, NULL, _IOLBF, 0); /* no child has our lines */
    for (int i = 0; i < 3; i++) {
        pid_t pid;

        if (*only != 0 && strcmp(only, name[i]) != 0)
            continue;
        known = 1;
        if ((pid = fork()) < 0) {
            perror("fork");
            return 1;
        }
        if (pid == 0) { /* the throw-away child */
            run[i]();
            _exit(0);
        }
        if (waitpid(pid, &status, 0) == pid)
            done += status == 0;
    }
    if (!known)
        cannot("-only takes user, root or system");
    return done > 0 ? 0 : 2;
}
