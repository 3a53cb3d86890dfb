/* Parent and child write to the same descriptor at the same time,
   many times. */
#define _GNU_SOURCE
#include "common.h"

#include <fcntl.h>
#include <sys/mman.h>

enum { RUNS = 20, LETTERS = 50 };

/* Writes the letter many times, with a write for each. */
static void write_letters(int fd, const char *letter)
{
    for (int i = 0; i < LETTERS; i++)
        check(write(fd, letter, 1) != 1, "write");
}

/* Opens a new file and removes its name. */
static int open_scratch(int memfd)
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
    int memfd = option(argc, argv, "memfd");
    static const char *name[] = { "parent, then child",
                                  "child, then parent", "mixed" };
    int order[3] = { 0 }, p = 0, c = 0;

    for (int run = 0; run < RUNS; run++) {
        char text[2 * LETTERS + 1]; /* a byte more than needed */
        int fd = open_scratch(memfd); /* its offset is shared */
        int changes = 0;
        ssize_t n;
        pid_t pid;

        if ((pid = do_fork()) == 0) {
            write_letters(fd, "c");
            _exit(0);
        }
        write_letters(fd, "p");
        reap(pid);

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
    if (option(argc, argv, "histogram"))
        for (int i = 0; i < 3; i++)
            printf("%-20s%5d\n", name[i], order[i]);
    return 0;
}
