/* Parent and child write to one descriptor with nobody in step,
   many times. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RUNS = 20, LETTERS = 50 };

static void check(int failed, const char *call)
{
    if (failed) {
        perror(call);
        _exit(1);
    }
}

/* Writes the letter, with a call for each. */
static void letters(int fd, const char *letter)
{
    for (int i = 0; i < LETTERS; i++)
        check(write(fd, letter, 1) != 1, "write");
}

/* Opens a file that has no name any more. */
static int scratch(int memfd)
{
    const char *dir = getenv("TMPDIR");
    char name[4096];
    int fd;

    if (memfd) {
        fd = memfd_create("interleave", MFD_CLOEXEC);
        check(fd < 0, "memfd_create");
        return fd;
    }
    snprintf(name, sizeof name, "%s/interleave.%ld",
             dir ? dir : "/tmp", (long)getpid());
    fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    check(fd < 0, name);
    check(unlink(name) < 0, name);
    return fd;
}

int main(int argc, char *argv[])
{
    int memfd = argc > 1 && strcmp(argv[1], "-memfd") == 0;

    static const char *name[] = { "parent, then child",
                                  "child, then parent", "mixed" };
    int order[3] = { 0 }, p = 0, c = 0;

    for (int run = 0; run < RUNS; run++) {
        char text[2 * LETTERS + 1]; /* would there be more? */
        int fd = scratch(memfd); /* with one offset for both */
        int changes = 0;
        ssize_t n;
        pid_t pid;

        check((pid = fork()) < 0, "fork");
        if (pid == 0) {
            letters(fd, "c");
            _exit(0);
        }
        letters(fd, "p");
        check(waitpid(pid, NULL, 0) != pid, "waitpid");

        check((n = pread(fd, text, sizeof text, 0)) < 1, "pread");
        close(fd);
        for (ssize_t i = 0; i < n; i++) {
            p += text[i] == 'p';
            c += text[i] == 'c';
            changes += i > 0 && text[i] != text[i - 1];
        }
        order[changes > 1 ? 2 : text[0] == 'c']++;
    }
    printf("%d runs, %d letters from each side in each\n", RUNS,
           LETTERS);
    printf("arrived: %d of the parents, %d of the children\n", p,
           c);
    if (argc > 1 && strcmp(argv[1], "-histogram") == 0)
        for (int i = 0; i < 3; i++)
            printf("%-20s%5d\n", name[i], order[i]);
    return 0;
}
