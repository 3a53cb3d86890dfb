/* Figure 8.8: a grandchild that nobody here must wait for. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *call)
{
    perror(call);
    exit(1);
}

/* Return when a byte has come, or the writer has ended. */
static void receive(int fd)
{
    char byte;

    while (read(fd, &byte, 1) < 0)
        if (errno != EINTR)
            fail("read");
}

static void first_child(int book, int ready)
{
    pid_t pid;

    if ((pid = fork()) < 0)
        fail("fork");
    else if (pid > 0)
        exit(0); /* the second child's parent ends here */

    /* The second child goes on, and will be an orphan. */
    if (book)
        sleep(2);
    else
        receive(ready);
    printf("second child, parent pid = %ld\n", (long)getppid());
    exit(0);
}

int main(int argc, char **argv)
{
    int book = argc > 1 && strcmp(argv[1], "-book") == 0;
    int ready[2]; /* from the original to the second child */
    pid_t pid;

    if (pipe(ready) < 0)
        fail("pipe");
    if ((pid = fork()) < 0)
        fail("fork");
    else if (pid == 0) {
        close(ready[1]);
        first_child(book, ready[0]);
    }

    /* The original waits for the first child, and is done. */
    if (waitpid(pid, NULL, 0) != pid)
        fail("waitpid");
    if (waitpid(-1, NULL, 0) < 0 && errno == ECHILD)
        printf("original, no other child to wait for\n");
    fflush(stdout);
    if (write(ready[1], "\1", 1) != 1)
        fail("write");
    exit(0);
}
