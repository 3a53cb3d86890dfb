/* The file that was opened. */
#define _GNU_SOURCE
#include "common.h"

/* Calls fexecve, or execve if fd is -1, in a child and prints its
   error. */
static void try_exec(int fd, const char *path, char *argv[])
{
    pid_t pid = do_fork();

    if (pid == 0) {
        if (fd >= 0)
            fexecve(fd, argv, environ);
        else
            execve(path, argv, environ);
        printf("  %s\n", errno_name(errno));
        fflush(stdout);
        _exit(126);
    }
    reap(pid);
}

static int open_file(const char *name, int flags)
{
    int fd = open(name, flags);

    check(fd < 0, name);
    return fd;
}

static void copy_self(const char *name)
{
    char text[65536];
    int from = open_file("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    int to = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
    ssize_t n;

    check(to < 0, name);
    while ((n = read(from, text, sizeof text)) > 0)
        check(write(to, text, (size_t)n) != n, name);
    close(from);
    close(to);
}

int main(int argc, char *argv[])
{
    char *old[] = { "echoarg", "the old file", NULL };
    char *path[] = { "echoarg", "a path only", NULL };
    char *prog[] = { "prog", NULL };
    int fd;

    if (strcmp(argv[0], "echoarg") == 0) {
        for (int i = 0; i < argc; i++)
            printf("argv[%d]: %s\n", i, argv[i]);
        return 0;
    }
    new_folder();
    check(chdir(folder) < 0, folder);
    copy_self("prog");
    fd = open_file("prog", O_RDONLY | O_CLOEXEC);
    write_file("new", "#!/bin/sh\necho \"  the new file\"\n", 0755);
    check(rename("new", "prog") < 0, "rename");

    printf("the name has another file now\n");
    printf("fexecve of the descriptor:\n");
    try_exec(fd, NULL, old);
    printf("execve of the name:\n");
    try_exec(-1, "prog", prog);
    printf("a descriptor from O_PATH:\n");
    try_exec(open_file("/proc/self/exe", O_PATH | O_CLOEXEC), NULL,
             path);

    write_file("script", "#!/bin/sh\necho \"  $0\"\n", 0755);
    for (int i = 0; i < 2; i++) {
        printf("a script, %s close-on-exec:\n",
               i ? "without" : "with");
        fd = open_file("script", O_RDONLY | O_CLOEXEC);
        check(dup3(fd, 50, i ? 0 : O_CLOEXEC) < 0, "dup3");
        try_exec(50, NULL, prog);
    }
    unlink("script"), unlink("prog");
    return rmdir(folder) < 0;
}
