/* waitid: P_PIDFD, P_PGID with a number and with 0, P_ALL. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void collect(const char *form, int type, id_t id)
{
    siginfo_t info = { 0 };

    if (waitid(type, id, &info, WEXITED) < 0)
        perror(form);
    else
        printf("%s: %d, status %d\n", form, (int)info.si_pid,
               info.si_status);
}

int main(void)
{
    pid_t c[5];
    int fd;

    for (int i = 0; i < 5; i++) {
        if ((c[i] = fork()) == 0)
            pause();
        if (i >= 3)
            setpgid(c[i], c[3]);
    }
    /* different signals, and then three that exit */
    for (int i = 0; i < 5; i++)
        kill(c[i], SIGKILL);
    for (int i = 0; i < 5; i++) {
        pid_t again = fork();

        if (again == 0)
            _exit(10 + i);
    }
    fd = (int)syscall(SYS_pidfd_open, c[2], 0);
    collect("pidfd", 3, (id_t)fd);
    collect("group", P_PGID, (id_t)c[3]);
    collect("group", P_PGID, (id_t)c[3]);
    collect("own", P_PGID, 0);
    for (int i = 0; i < 7; i++)
        collect("any", P_ALL, 0);
    return 0;
}
