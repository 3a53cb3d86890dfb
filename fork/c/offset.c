/* Figure 8.2: parent and child share the offset of an open file.
   --seek: the child moves it, and the parent finds it moved. */
#include "common.h"

#include <fcntl.h>

/* Asks for the offset. This does not move it. */
static long offset_of(int fd)
{
    off_t at = lseek(fd, 0, SEEK_CUR);

    check(at < 0, "lseek");
    return (long)at;
}

/* Writes a line, and says what the offset was before and is after
   it. */
static void write_line(const char *role, int fd, const char *text)
{
    long before = offset_of(fd);
    ssize_t n = write(fd, text, strlen(text));

    check(n != (ssize_t)strlen(text), "write");
    say(role, "the offset was %ld, is %ld", before, offset_of(fd));
}

int main(int argc, char *argv[])
{
    int seek = option(argc, argv, "seek");
    int fd = open("offset.txt", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    pid_t pid;

    check(fd < 0, "offset.txt");
    write_line("parent", fd, "parent, before the fork\n");

    if ((pid = do_fork()) == 0) {
        write_line("child", fd, "child\n");
        if (seek) {
            check(lseek(fd, 100000000, SEEK_SET) < 0, "lseek");
            say("child", "moved it to 100000000");
        }
        exit(0);
    }
    reap(pid);
    if (seek) {
        say("parent", "finds it at %ld", offset_of(fd));
        return 0;
    }
    write_line("parent", fd, "parent, after the child\n");
    return 0;
}
