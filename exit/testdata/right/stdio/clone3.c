/* The system calls themselves; exit_group is what _exit calls. */
#define _GNU_SOURCE
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void done(void) { fputs("done\n", stdout); }

static long spawn(void)
{
    struct clone_args args = { .exit_signal = SIGCHLD };

    return syscall(SYS_clone3, &args, sizeof args);
}

int main(void)
{
    struct rusage usage;
    int status;

    if (spawn() == 0) {
        on_exit((void (*)(int, void *))(void *)done, NULL);
        fputs("work\n", stdout);
        exit(256); /* whose low eight bits are 0 */
    }
    wait4(-1, &status, 0, &usage);
    if (spawn() == 0) {
        atexit(done);
        fputs("more work\n", stdout);
        syscall(SYS_exit_group, 0);
    }
    wait3(&status, 0, &usage);
    return 0;
}
