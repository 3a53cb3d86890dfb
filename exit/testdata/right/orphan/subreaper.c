/* flags: -static
   All one level down: the first process is the subreaper and
   collects both. */
#define _GNU_SOURCE
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    struct clone_args args = { .exit_signal = SIGCHLD };
    siginfo_t info;

    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    if (fork() == 0) {
        pid_t middle = getpid();

        if (syscall(SYS_clone3, &args, sizeof args) == 0) {
            while (getppid() == middle)
                usleep(1000);
            printf("hello\nparent pid = %d\n", (int)getppid());
        }
        return 0;
    }
    while (waitid(P_ALL, 0, &info, WEXITED) == 0)
        ;
    return 0;
}
