/* As in Go, where a child is this program again, which then tries. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void try(char *args[])
{
    int error;

    fcntl(3, F_SETFD, FD_CLOEXEC);
    execv(args[0], args);
    error = errno;
    if (write(3, &error, sizeof error) < 0)
        _exit(1);
    _exit(127);
}

static void report(char *path, char *argument)
{
    char *args[] = { "self", path, argument, NULL };
    int pipes[2], error = 0;
    pid_t pid;

    if (pipe2(pipes, O_CLOEXEC) < 0)
        _exit(1);
    if ((pid = vfork()) == 0) {
        /* dup2 clears the flag, unless the two are the same. */
        if (pipes[1] == 3)
            fcntl(3, F_SETFD, 0);
        else
            dup2(pipes[1], 3);
        execv("/proc/self/exe", args);
        _exit(1);
    }
    close(pipes[1]);
    if (read(pipes[0], &error, sizeof error) > 0)
        printf("exec failed: errno = %d\n", error);
    else
        printf("exec worked\n");
    fflush(stdout);
    close(pipes[0]);
    waitpid(pid, NULL, 0);
}

int main(int argc, char *argv[])
{
    if (argc > 1)
        try(argv + 1);
    report("./nothing", NULL);
    report("/bin/sleep", "0.5");
    return 0;
}
