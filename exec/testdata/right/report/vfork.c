/* vfork, and poll before the read; a helper is reaped with WNOHANG first. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t begin(char *const argv[], int told)
{
    pid_t pid = vfork();

    if (pid == 0) {
        execv(argv[0], argv);
        if (told >= 0 && write(told, &errno, sizeof errno) < 0)
            _exit(1);
        _exit(127);
    }
    return pid;
}

static int learn(int told)
{
    int error = 0;
    struct pollfd some = {told, POLLIN, 0};

    if (poll(&some, 1, -1) == 1 && (some.revents & POLLIN) != 0
        && read(told, &error, sizeof error) != sizeof error)
        exit(1);
    close(told);
    return error;
}

int main(void)
{
    char *helper[] = {"/bin/true", NULL}, *none[] = {"./nothing", NULL};
    char *naps[] = {"/bin/sleep", "1", NULL}, *const *all[] = {none, naps};
    pid_t pids[2], early = begin(helper, -1);
    int ends[2];

    while (waitpid(early, NULL, WNOHANG) == 0)
        ;
    for (int k = 0; k < 2; k++) {
        int error;

        if (pipe2(ends, O_CLOEXEC) != 0)
            exit(1);
        pids[k] = begin((char *const *)all[k], ends[1]);
        close(ends[1]);
        if ((error = learn(ends[0])) != 0)
            dprintf(STDOUT_FILENO, "exec failed: errno = %d\n", error);
        else
            dprintf(STDOUT_FILENO, "exec worked\n");
    }
    return waitpid(pids[0], NULL, 0) < 0 || waitpid(pids[1], NULL, 0) < 0;
}
