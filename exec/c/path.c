/* Which file a name without a slash means. */
#define _GNU_SOURCE
#include "common.h"

static const char runs[] = "#!/bin/sh\necho \"  $0 runs\"\n";

static const struct {
    const char *list, *file;
} tries[] = {
    { "a:d:c", "prog" }, /* passes over a and d */
    { ":c", "prog" },    /* a prefix of length zero */
    { "a::c", "prog" },
    { "a:", "prog" },
    { "", "prog" },
    { "c", "./prog" }, /* is not searched */
    { "a:d", "prog" }, /* finds nothing that it may execute */
    { "x", "prog" },   /* finds nothing */
    { "b", "prog" },   /* is not a program */
    { "e", "prog" },   /* is empty */
};

int main(void)
{
    char *argv[] = { "prog", NULL };
    pid_t pid;
    int status;

    new_folder();
    check(chdir(folder) < 0, folder);
    for (const char *d = "a\0b\0c\0d\0e\0"; *d; d += 2)
        check(mkdir(d, 0700) < 0, d);
    write_file("a/prog", runs, 0644);
    write_file("b/prog", "echo \"  a shell runs $0\"\n", 0755);
    write_file("c/prog", runs, 0755);
    check(mkdir("d/prog", 0700) < 0, "d/prog");
    write_file("e/prog", "", 0755);
    write_file("prog", runs, 0755);

    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
        printf("PATH=%s, execvp(\"%s\"):\n", tries[i].list,
               tries[i].file);
        if ((pid = do_fork()) == 0) {
            setenv("PATH", tries[i].list, 1);
            execvp(tries[i].file, argv);
            printf("  %s\n", errno_name(errno));
            fflush(stdout);
            _exit(126);
        }
        status = reap(pid);
        if (status == 0 && strcmp(tries[i].list, "e") == 0)
            printf("  exit status 0\n");
    }
    printf("execv(\"b/prog\"):\n");
    if ((pid = do_fork()) == 0) {
        execv("b/prog", argv);
        printf("  %s\n", errno_name(errno));
        exit(0);
    }
    reap(pid);
    printf("no PATH, execvp(\"prog\"):\n");
    if ((pid = do_fork()) == 0) {
        unsetenv("PATH");
        execvp("prog", argv);
        printf("  %s\n", errno_name(errno));
        exit(0);
    }
    reap(pid);
    printf("PATH=c, execvpe(\"prog\") with PATH=a:\n");
    if ((pid = do_fork()) == 0) {
        char *other[] = { "PATH=a", NULL };

        setenv("PATH", "c", 1);
        execvpe("prog", argv, other);
        printf("  %s\n", errno_name(errno));
        exit(0);
    }
    reap(pid);
    unlink("a/prog"), unlink("b/prog"), unlink("c/prog");
    unlink("e/prog"), unlink("prog"), rmdir("d/prog");
    for (const char *d = "a\0b\0c\0d\0e\0"; *d; d += 2)
        rmdir(d);
    return rmdir(folder) < 0;
}
