/* What the child of a vfork does not share with its parent. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *role, const char *what)
{
    dprintf(STDOUT_FILENO, "%s %ld: %s\n",
            role, (long)getpid(), what);
}

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
    if (fd < 0 || chdir("/dev") < 0) {
        perror("/dev");
        return 1;
    }
    say("parent", "/dev, umask 027, a file, SIGUSR1 pending");
    if ((pid = vfork()) < 0) {
        perror("vfork");
        return 1;
    } else if (pid == 0) {
        say("child", "has what its parent has");
        close(fd);
        if (chdir("/") < 0)
            _exit(1);
        umask(077);
        say("child", "close, chdir to /, umask 077");
        _exit(0);
    }

    if (getcwd(cwd, sizeof cwd) == NULL) {
        perror("getcwd");
        return 1;
    }
    dprintf(STDOUT_FILENO, "parent %ld: %s, %s, the file is %s\n",
            (long)getpid(), cwd,
            umask(027) == 027 ? "umask 027" : "another umask",
            fcntl(fd, F_GETFD) < 0 ? "closed" : "open");
    if (waitpid(pid, NULL, 0) != pid) {
        perror("waitpid");
        return 1;
    }
    return 0;
}
