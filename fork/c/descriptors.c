/* The two usual ways to handle descriptors after a fork, and
   Exercise 8.7. */
#define _GNU_SOURCE
#include "common.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

/* Does something in a child, and returns when it has ended. */
static void in_child(void (*act)(void))
{
    pid_t pid = do_fork();

    if (pid == 0) {
        act();
        exit(0);
    }
    reap(pid);
}

static void close_50(void)
{
    close(50);
    say("child", "closed its descriptor 50");
}

/* The first way: the parent waits. */
static void touch_nothing(void)
{
    in_child(close_50);
    check(write(50, "open\n", 5) != 5, "write");
    say("parent", "wrote to its descriptor 50");
}

static void say_flags(const char *who, const char *what)
{
    say(who, "%s 50: %d, 51: %d", what, fcntl(50, F_GETFD),
        fcntl(51, F_GETFD));
}

static void change_flags(void)
{
    say_flags("child", "has close-on-exec flags");
    fcntl(50, F_SETFD, 0);
    fcntl(51, F_SETFD, FD_CLOEXEC);
    say_flags("child", "changed them to");
}

static pid_t child[2];
static int leave[2]; /* a byte written here lets a child end */

static void end(int i)
{
    check(write(leave[i], ".", 1) != 1, "write");
    reap(child[i]);
}

/* Reads from the empty pipe, without waiting. */
static void try_read(int fd, int copies)
{
    char c;
    ssize_t n = read(fd, &c, 1);

    if (n < 0 && errno == EAGAIN) {
        say("parent", "%d write ends, no end of file", copies);
        return;
    }
    say("parent", "%d write ends, end of file: %d bytes", copies,
        (int)n);
}

/* The second way: every process closes the write end in the end,
   and the parent reads. */
static void every_copy(void)
{
    int data[2], told[2];
    char c;

    check(pipe2(data, O_NONBLOCK) < 0, "pipe2");
    for (int i = 0; i < 2; i++) {
        check(pipe2(told, 0) < 0, "pipe2");
        if ((child[i] = do_fork()) == 0) {
            close(told[1]);
            check(read(told[0], &c, 1) < 0, "read");
            _exit(0);
        }
        close(told[0]);
        leave[i] = told[1];
    }
    try_read(data[0], 3);
    end(0);
    try_read(data[0], 2);
    close(data[1]);
    try_read(data[0], 1);
    end(1);
    try_read(data[0], 0);
}

/* Opens the root directory in two ways: Exercise 8.7. */
static void directories(void)
{
    DIR *dir = opendir("/");
    int fd = open("/", O_RDONLY | O_DIRECTORY);

    check(!dir || fd < 0, "/");
    say("parent", "close-on-exec of / from the library %d, "
        "from open %d", fcntl(dirfd(dir), F_GETFD),
        fcntl(fd, F_GETFD));
}

int main(void)
{
    int fd = memfd_create("pair", 0);

    check(dup3(fd, 50, O_CLOEXEC) < 0, "dup3");
    check(dup2(fd, 51) < 0, "dup2");
    touch_nothing();
    in_child(change_flags);
    say_flags("parent", "has close-on-exec flags");
    every_copy();
    directories();
    return 0;
}
