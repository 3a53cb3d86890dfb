/* Which descriptors stay open. --opendir: Exercise 8.7. --lock: a
   record lock that the exec loses. --leak: the write end of a pipe
   that stays open. --failed: an exec that fails. */
#define _GNU_SOURCE
#include "common.h"

#include <dirent.h>
#include <sys/file.h>

/* Says which of the two descriptors this process has; b can be
   -1. */
static void say_open(const char *role, int a, int b)
{
    printf("%s %ld: ", role, (long)getpid());
    for (int i = 0, fd = a; i < 2 && fd >= 0; i++, fd = b) {
        int flags = fcntl(fd, F_GETFD);

        printf("%s%d is %s", i ? ", " : "", fd,
               flags < 0 ? "closed" : flags & FD_CLOEXEC
               ? "open with the flag" : "open");
    }
    printf("\n");
    fflush(stdout);
}

/* Executes a shell, which looks which of the two it has. */
static void execute_look(int a, int b)
{
    static const char look[] =
        "for fd do\n"
        "[ -e /proc/$$/fd/$fd ] && state=open || state=closed\n"
        "said=\"$said${said:+, }$fd is $state\"\n"
        "done\n"
        "echo \"child $$: after the exec, $said\"";
    char first[20], second[20];

    sprintf(first, "%d", a);
    sprintf(second, "%d", b);
    execl("/bin/sh", "sh", "-c", look, "sh", first, second,
          (char *)NULL);
    failed("execl");
}

static void two_descriptors(void)
{
    int fd = open("data.txt", O_RDWR | O_CREAT | O_TRUNC
                  | O_CLOEXEC, 0644);
    int status;
    pid_t pid;

    check(fd < 0 || write(fd, "data\n", 5) != 5, "data.txt");
    check(dup3(fd, 50, O_CLOEXEC) < 0, "dup3");
    check(dup2(fd, 51) < 0, "dup2");
    close(fd);

    say_open("parent", 50, 51);
    if ((pid = do_fork()) == 0)
        execute_look(50, 51);
    status = reap(pid);
    say_status("parent", status);
    say_open("parent", 50, 51);
    unlink("data.txt");
}

static void directories(void)
{
    pid_t pid = do_fork();

    if (pid == 0) {
        DIR *dir = opendir("/");
        int fd = open("/", O_RDONLY | O_DIRECTORY);

        check(!dir || fd < 0, "/");
        say_open("child", dirfd(dir), fd);
        execute_look(dirfd(dir), fd);
    }
    reap(pid);
}

/* Starts cat, which reads until leave is closed. before runs in the
   child. at_exec gives end of file when the exec is done. */
static pid_t start_cat(void (*before)(void), int *leave,
                       int *at_exec)
{
    int input[2], done[2];
    pid_t pid;

    check(pipe2(input, O_CLOEXEC) < 0, "pipe2");
    check(pipe2(done, O_CLOEXEC) < 0, "pipe2");
    if ((pid = do_fork()) == 0) {
        close(input[1]);
        before();
        dup2(input[0], STDIN_FILENO);
        execlp("cat", "cat", (char *)NULL);
        failed("execlp");
    }
    close(input[0]);
    close(done[1]);
    *leave = input[1];
    *at_exec = done[0];
    return pid;
}

/* The child tells that it has both locks, then waits. */
static int locked[2], go_on[2];

static void take_locks(void)
{
    struct flock all = { .l_type = F_WRLCK };
    int fd = open(in_folder("data.txt"), O_RDWR);
    char c;

    check(open(in_folder("data.txt"), O_RDWR | O_CLOEXEC) < 0,
          "data.txt");
    check(fcntl(fd, F_SETLK, &all) < 0, "fcntl");
    check(flock(fd, LOCK_EX) < 0, "flock");
    check(write(locked[1], ".", 1) != 1, "write");
    check(read(go_on[0], &c, 1) != 1, "read");
}

/* Says which of its two locks the child has. */
static void say_locks(int fd, pid_t child, const char *when)
{
    struct flock all = { .l_type = F_WRLCK };
    int held;

    check(fcntl(fd, F_GETLK, &all) < 0, "fcntl");
    held = flock(fd, LOCK_EX | LOCK_NB) < 0;
    if (!held)
        flock(fd, LOCK_UN);
    say("parent", "%s the exec, the child has %s record lock and "
        "%s flock lock", when,
        all.l_type != F_UNLCK && all.l_pid == child ? "a" : "no",
        held ? "a" : "no");
}

static void loses_lock(void)
{
    int fd, leave, at_exec;
    char c;
    pid_t pid;

    new_folder();
    write_file(in_folder("data.txt"), "", 0600);
    fd = open(in_folder("data.txt"), O_RDWR | O_CLOEXEC);
    check(fd < 0, "data.txt");
    check(pipe2(locked, O_CLOEXEC) < 0, "pipe2");
    check(pipe2(go_on, O_CLOEXEC) < 0, "pipe2");
    pid = start_cat(take_locks, &leave, &at_exec);
    check(read(locked[0], &c, 1) != 1, "read");
    say_locks(fd, pid, "before");
    check(write(go_on[1], ".", 1) != 1, "write");
    check(read(at_exec, &c, 1) < 0, "read"); /* end: the exec */
    say_locks(fd, pid, "after");
    close(leave);
    reap(pid);
    unlink(in_folder("data.txt"));
    rmdir(folder);
}

static int data[2]; /* the pipe whose write end leaks */

static void close_read_end(void) { close(data[0]); }

static void leaks(void)
{
    int leave, at_exec, status;
    char c;
    pid_t pid;

    /* With the flag the read returns at the exec. */
    check(pipe2(data, O_CLOEXEC) < 0, "pipe2");
    pid = start_cat(close_read_end, &leave, &at_exec);
    close(data[1]);
    check(read(data[0], &c, 1) != 0, "read");
    say("parent", "with the flag: end of file, and the program %s",
        waitpid(pid, &status, WNOHANG) == 0 ? "runs" : "has ended");
    close(leave);
    reap(pid);
    close(data[0]);

    /* Without it the read would block. */
    check(pipe2(data, O_NONBLOCK) < 0, "pipe2");
    pid = start_cat(close_read_end, &leave, &at_exec);
    close(data[1]);
    check(read(at_exec, &c, 1) < 0, "read"); /* end: the exec */
    say("parent", "without it: %s, and the program runs",
        read(data[0], &c, 1) < 0 ? "no end of file"
        : "end of file");
    close(leave);
    reap(pid);
    say("parent", "without it: %s, and the program has ended",
        read(data[0], &c, 1) < 0 ? "no end of file"
        : "end of file");
}

static void failed_keeps(void)
{
    pid_t pid = do_fork();

    if (pid == 0) {
        int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

        check(dup3(fd, 50, O_CLOEXEC) < 0, "dup3");
        say("child", "50 is %s", fcntl(50, F_GETFD) & FD_CLOEXEC
            ? "open with the flag" : "open");
        execl("./nothing", "nothing", (char *)NULL);
        say("child", "exec failed with %s, 50 is %s",
            errno_name(errno), fcntl(50, F_GETFD) & FD_CLOEXEC
            ? "open with the flag" : "open");
        exit(0);
    }
    reap(pid);
}

int main(int argc, char *argv[])
{
    if (option(argc, argv, "opendir"))
        directories();
    else if (option(argc, argv, "lock"))
        loses_lock();
    else if (option(argc, argv, "leak"))
        leaks();
    else if (option(argc, argv, "failed"))
        failed_keeps();
    else
        two_descriptors();
    return 0;
}
