/* Learns of the child's end from a signalfd, and reaps it with WNOHANG. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

int glob = 6;

int main(void)
{
    int var = 88, fd;
    struct signalfd_siginfo info;
    sigset_t set;
    pid_t pid;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    fd = signalfd(-1, &set, SFD_CLOEXEC);
    if (fd < 0 || write(1, "direct\n", 7) != 7)
        return 1;
    puts("before fork");
    if ((pid = fork()) == 0) {
        glob++;
        var++;
    } else {
        if (read(fd, &info, sizeof info) != sizeof info)
            return 1;
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
    }
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    return 0;
}
