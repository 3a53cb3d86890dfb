/* The experiment one level down, after some other children, and
   with clone3 instead of fork and a pidfd instead of a pid. */
#define _GNU_SOURCE
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void child(int how)
{
    struct clone_args args = { .flags = CLONE_PIDFD,
                               .exit_signal = SIGCHLD };
    siginfo_t info;
    int fd;

    args.pidfd = (uint64_t)(uintptr_t)&fd;
    if (syscall(SYS_clone3, &args, sizeof args) == 0) {
        if (how == 7)
            _exit(7);
        signal(how, SIG_DFL);
        kill(getpid(), how);
        _exit(1);
    }
    memset(&info, 0, sizeof info);
    if (waitid(3 /* P_PIDFD */, (id_t)fd, &info, WEXITED) < 0)
        exit(1);
    close(fd);
    if (info.si_code == CLD_EXITED)
        printf("normal termination, exit status = %d\n", info.si_status);
    else
        printf("abnormal termination, signal number = %d%s\n",
               info.si_status,
               info.si_code == CLD_DUMPED ? " (core file generated)" : "");
}

int main(void)
{
    if (system("true") != 0)
        return 1;
    if (fork() > 0) {
        wait(NULL);
        return 0;
    }
    if (fork() == 0)
        _exit(3);
    wait(NULL);
    child(7);
    child(SIGABRT);
    child(SIGFPE);
    return 0;
}
