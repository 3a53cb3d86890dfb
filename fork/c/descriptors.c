/* The two usual ways to go on after a fork, and Exercise 8.7. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void check(int failed, const char *call)
{
    if (failed) {
        perror(call);
        _exit(1);
    }
}

static void say(const char *who, const char *format, ...)
{
    va_list ap;

    printf("%s %ld: ", who, (long)getpid());
    va_start(ap, format);
    vprintf(format, ap);
    va_end(ap);
    printf("\n");
}

/* Does something in a child and waits for it. */
static void in_child(void (*act)(void))
{
    pid_t pid = fork();

    check(pid < 0, "fork");
    if (pid == 0) {
        act();
        exit(0);
    }
    check(waitpid(pid, NULL, 0) != pid, "waitpid");
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
static int hold[2];

static void end(int i) /* lets a child go */
{
    check(write(hold[i], ".", 1) != 1, "write");
    check(waitpid(child[i], NULL, 0) != child[i], "waitpid");
}

/* Reads from the pipe, which is empty, without waiting. */
static void look(int fd, int copies)
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

/* The second way: everybody closes the write end sooner or later,
   and the parent reads. */
static void every_copy(void)
{
    int pipe[2], leave[2];
    char c;

    check(pipe2(pipe, O_NONBLOCK) < 0, "pipe2");
    for (int i = 0; i < 2; i++) {
        check(pipe2(leave, 0) < 0, "pipe2");
        check((child[i] = fork()) < 0, "fork");
        if (child[i] == 0) {
            close(leave[1]);
            check(read(leave[0], &c, 1) < 0, "read");
            _exit(0);
        }
        close(leave[0]);
        hold[i] = leave[1];
    }
    look(pipe[0], 3);
    end(0);
    look(pipe[0], 2);
    close(pipe[1]);
    look(pipe[0], 1);
    end(1);
    look(pipe[0], 0);
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
    int fd = memfd_create("inherit", 0);

    check(dup3(fd, 50, O_CLOEXEC) < 0, "dup3");
    check(dup2(fd, 51) < 0, "dup2");
    setvbuf(stdout, NULL, _IOLBF, 0);
    touch_nothing();
    in_child(change_flags);
    say_flags("parent", "has close-on-exec flags");
    every_copy();
    directories();
    return 0;
}
