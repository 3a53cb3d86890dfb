/* How the parent learns whether the exec of its child worked.
   --vfork: in its memory instead of a pipe. */
#define _GNU_SOURCE
#include "common.h"

static volatile int error; /* the child of a vfork stores it */

static void worked(int err)
{
    if (err == 0)
        printf("exec worked\n");
    else
        printf("exec failed: errno = %d\n", err);
    fflush(stdout);
}

/* Starts a program, says whether the exec worked, and waits for the
   end of the program. */
static void start_with_pipe(char *path, char *argv[])
{
    int fd[2], err = 0;
    pid_t pid;

    check(pipe2(fd, O_CLOEXEC) < 0, "pipe2");
    if ((pid = do_fork()) == 0) {
        close(fd[0]);
        execv(path, argv);
        err = errno;
        check(write(fd[1], &err, sizeof err) < 0, "write");
        _exit(127);
    }
    close(fd[1]);
    check(read(fd[0], &err, sizeof err) < 0, "read");
    worked(err);
    close(fd[0]);
    reap(pid);
}

/* The same with vfork. The parent runs again when the exec has
   succeeded, or the child has ended. */
static void start_with_vfork(char *path, char *argv[])
{
    pid_t pid;

    error = 0;
    if ((pid = vfork()) == 0) {
        execv(path, argv);
        error = errno;
        _exit(127);
    }
    check(pid < 0, "vfork");
    worked(error);
    reap(pid);
}

int main(int argc, char *argv[])
{
    void (*start)(char *, char **) = option(argc, argv, "vfork")
        ? start_with_vfork : start_with_pipe;
    char *nothing[] = { "nothing", NULL };
    char *sleeps[] = { "sleep", "0.3", NULL };

    start("./nothing", nothing);
    start("/bin/sleep", sleeps);
    return 0;
}
