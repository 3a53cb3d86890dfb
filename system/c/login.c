/* Section 8.15: who is logged in, and who says so. The Go program
   compiles this file from its own memory, so the file includes no
   header of this folder. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

static void line(const char *what, const char *says)
{
    printf("%s: %s\n", what, says);
    fflush(stdout);
}

/* The text of /proc/self/loginuid. */
static const char *loginuid(void)
{
    static char text[32];
    int fd = open("/proc/self/loginuid", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

    if (fd >= 0)
        close(fd);
    text[n < 0 ? 0 : n] = '\0';
    return text;
}

/* Opens /proc/self/loginuid for writing. */
static int to_loginuid(void)
{
    return open("/proc/self/loginuid", O_WRONLY | O_CLOEXEC);
}

/* Writes a number to it; 0 or the error. */
static int set_loginuid(int fd, const char *number)
{
    return pwrite(fd, number, strlen(number), 0) < 0 ? errno : 0;
}

static const char *name_of(int error)
{
    return error == 0 ? "succeeds"
        : error == ENXIO ? "ENXIO"
        : error == EPERM ? "EPERM"
        : strerror(error);
}

static const char *who(void)
{
    char *name;

    errno = 0;
    name = getlogin();
    return name ? name : name_of(errno);
}

/* Another program says what its loginuid is. */
static void inherited(void)
{
    char *args[] = { "sh", "-c",
                     "read n < /proc/self/loginuid || :;"
                     " echo in a new program: $n", NULL };

    if (fork() == 0) {
        execv("/bin/sh", args);
        _exit(127);
    }
    wait(NULL);
}

/* One user id with two names, in a passwd file that only this child
   sees. login would look up 7000001 for either name. */
static void two_names(void)
{
    FILE *out;

    if (unshare(CLONE_NEWNS) < 0
        || mount("", "/", "", MS_REC | MS_PRIVATE, "") < 0
        || mount("apue", "/mnt", "tmpfs", 0, "size=1m") < 0
        || (out = fopen("/mnt/passwd", "w")) == NULL
        || fputs("first:x:7000001:7000001::/:/bin/sh\n"
                 "second:x:7000001:7000001::/:/bin/sh\n", out) < 0
        || fclose(out) != 0
        || mount("/mnt/passwd", "/etc/passwd", "", MS_BIND, "") < 0
        || set_loginuid(to_loginuid(), "7000001") != 0) {
        line("two names: cannot be tried: it takes",
             "CAP_SYS_ADMIN");
        _exit(0);
    }
    line("second logs in: getpwuid", getpwuid(7000001)->pw_name);
    line("second logs in: getlogin", who());
    _exit(0);
}

/* A process outside of a login sets its loginuid. This cannot be
   undone, so it is a child that does not live on. */
static void outside_login(int fd)
{
    line("unset: loginuid", loginuid());
    line("unset: getlogin", who());
    if (fork() == 0)
        two_names();
    wait(NULL);
    setenv("LOGNAME", "somebody", 1);
    line("LOGNAME=somebody: getlogin", who());
    line("writing 0 to loginuid", name_of(set_loginuid(fd, "0")));
    line("set: loginuid", loginuid());
    line("set: getlogin", who());
    if (setresuid(7000001, 7000001, 7000001) == 0)
        line("with other user ids: getlogin", who());
    else
        line("with other user ids: cannot be tried: it takes",
             "CAP_SETUID");
}

int main(void)
{
    const char *unset = "4294967295";

    if (loginuid()[0] == '\0') {
        fprintf(stderr, "system login: this kernel has no loginuid"
                " (CONFIG_AUDIT): try another kernel\n");
        return 2;
    }
    if (fork() == 0) {
        int fd = to_loginuid();

        /* To unset it takes CAP_AUDIT_CONTROL. */
        if (strcmp(loginuid(), unset) == 0
            || set_loginuid(fd, unset) == 0) {
            outside_login(fd);
        } else {
            line("a login: loginuid", loginuid());
            line("a login: getlogin", who());
        }
        inherited();
        line("writing 0 again", name_of(set_loginuid(fd, "0")));
        _exit(0);
    }
    wait(NULL);
    return 0;
}
