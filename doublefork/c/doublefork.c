/* Figure 8.8: a grandchild that nobody here must wait for. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *call)
{
    perror(call);
    exit(1);
}

/* Return when the process that pidfd refers to has ended. */
static void ended(int pidfd)
{
    struct pollfd fd = { .fd = pidfd, .events = POLLIN };

    while (poll(&fd, 1, -1) < 0)
        if (errno != EINTR)
            fail("poll");
}

static void first_child(int book)
{
    int parent = syscall(SYS_pidfd_open, getpid(), 0);
    pid_t pid;

    if (parent < 0)
        fail("pidfd_open");
    if ((pid = fork()) < 0)
        fail("fork");
    else if (pid > 0)
        exit(0); /* the second child's parent ends here */

    /* The second child goes on, and will be an orphan. */
    if (book)
        sleep(2);
    else
        ended(parent);
    printf("second child, parent pid = %ld\n", (long)getppid());
    exit(0);
}

int main(int argc, char **argv)
{
    int book = argc > 1 && strcmp(argv[1], "-book") == 0;
    pid_t pid;

    if ((pid = fork()) < 0)
        fail("fork");
    else if (pid == 0)
        first_child(book);

    /* The original waits for the first child, and is done. */
    if (waitpid(pid, NULL, 0) != pid)
        fail("waitpid");
    exit(0);
}
