/* An exec that fails changes nothing. --nproc: setuid exceeds the
   limit of processes, and the exec tells. */
#define _GNU_SOURCE
#include "common.h"

#include <sys/resource.h>
#include <sys/syscall.h>

enum { UID = 7000001 };

static void try(const char *what, const char *path)
{
    char *argv[] = { "x", NULL }, *none[] = { NULL };

    execve(path, argv, none);
    printf("%-28s %s\n", what, errno_name(errno));
}

/* Takes the user id of another process, in a child whose limit of
   processes is 0. setuid succeeds; the exec fails. */
static void over_limit(void)
{
    struct rlimit none = { 0, 0 };
    int leave[2], ready[2];
    char c;
    pid_t other, pid;
    ssize_t n;

    check(pipe2(leave, O_CLOEXEC) < 0, "pipe2");
    check(pipe2(ready, O_CLOEXEC) < 0, "pipe2");
    if ((other = do_fork()) == 0) {
        close(leave[1]);
        if (syscall(SYS_setresuid, UID, UID, UID) < 0)
            _exit(0);
        check(write(ready[1], ".", 1) != 1, "write");
        _exit(read(leave[0], &c, 1) != 0);
    }
    close(ready[1]);
    n = read(ready[0], &c, 1);
    if (n != 1) {
        reap(other);
        cannot("fails", "it takes CAP_SETUID: run it as root");
    }
    if ((pid = do_fork()) == 0) {
        check(setrlimit(RLIMIT_NPROC, &none) < 0, "setrlimit");
        check(syscall(SYS_setresuid, UID, UID, UID) < 0,
              "setresuid");
        execl("/bin/true", "true", (char *)NULL);
        printf("%-28s %s\n", "over the limit of processes",
               errno_name(errno));
        exit(0);
    }
    reap(pid);
    close(leave[1]);
    reap(other);
}

static int exit_status(const char *path)
{
    pid_t pid = do_fork();

    if (pid == 0) {
        close(STDERR_FILENO); /* the table has the errors */
        execl(path, "x", (char *)NULL);
        failed("execl");
    }
    return WEXITSTATUS(reap(pid));
}

int main(int argc, char *argv[])
{
    char name[300], target[20];
    int a, b, busy;

    if (option(argc, argv, "nproc")) {
        over_limit();
        return 0;
    }
    new_folder();
    check(chdir(folder) < 0, folder);
    write_file("plain", "#!/bin/sh\n", 0644);
    write_file("empty", "", 0755);
    write_file("text", "no interpreter\n", 0755);
    write_file("busy", "#!/bin/sh\n", 0755);
    check((busy = open("busy", O_WRONLY | O_CLOEXEC)) < 0, "busy");
    check(mkdir("dir", 0700) < 0, "dir");
    write_file("link0", "#!/bin/sh\n", 0755);
    for (int i = 0; i < 41; i++) {
        sprintf(target, "link%d", i);
        sprintf(name, "link%d", i + 1);
        check(symlink(target, name) < 0, name);
    }
    memset(name, 'x', 256);
    name[256] = '\0';

    try("no such file", "nothing");
    try("no execute permission", "plain");
    try("a directory", "dir");
    try("a path through a file", "plain/x");
    try("41 links in a row", "link41");
    try("a name of 256 bytes", name);
    try("an empty file", "empty");
    try("text without #!", "text");
    try("a file open for writing", "busy");
    syscall(SYS_execve, 1, NULL, NULL);
    printf("%-28s %s\n", "a bad address", errno_name(errno));
    say("process", "still runs this program");
    a = exit_status("nothing");
    b = exit_status("plain");
    printf("%-28s %d, %d\n", "exit status of two children", a, b);

    close(busy);
    unlink("plain"), unlink("empty");
    unlink("text"), unlink("busy");
    rmdir("dir");
    for (int i = 0; i < 42; i++) {
        sprintf(target, "link%d", i);
        unlink(target);
    }
    return rmdir(folder) < 0;
}
