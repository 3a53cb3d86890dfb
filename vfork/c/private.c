/* What the child of a vfork does not share with its parent. */
#define _GNU_SOURCE
#include "common.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

int main(void)
{
    int fd = open("/dev/null", O_RDONLY);
    char cwd[4096];
    sigset_t set;
    pid_t pid;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGUSR1); /* blocked: it is pending */
    umask(027);
    check(fd < 0 || chdir("/dev") < 0, "/dev");
    say("parent", "/dev, umask 027, a file, SIGUSR1 pending");
    check((pid = vfork()) < 0, "vfork");
    if (pid == 0) {
        say("child", "has what its parent has");
        close(fd);
        if (chdir("/") < 0)
            _exit(1);
        umask(077);
        say("child", "close, chdir to /, umask 077");
        _exit(0);
    }

    check(getcwd(cwd, sizeof cwd) == NULL, "getcwd");
    dprintf(STDOUT_FILENO, "parent %ld: %s, %s, the file is %s\n",
            (long)getpid(), cwd,
            umask(027) == 027 ? "umask 027" : "another umask",
            fcntl(fd, F_GETFD) < 0 ? "closed" : "open");
    reap(pid);
    return 0;
}
