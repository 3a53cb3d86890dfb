/* Figure 8.2: parent and child share the offset of an open file.
   With -seek the child moves it, and the parent asks for it. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void check(int failed, const char *call)
{
    if (failed) {
        perror(call);
        _exit(1);
    }
}

/* Asks for the offset, which does not move it. */
static long tell(int fd)
{
    off_t at = lseek(fd, 0, SEEK_CUR);

    check(at < 0, "lseek");
    return (long)at;
}

/* Writes a line and says where the offset was and is. */
static void line(const char *who, int fd, const char *text)
{
    long from = tell(fd);
    ssize_t n = write(fd, text, strlen(text));

    check(n != (ssize_t)strlen(text), "write");
    printf("%s %ld: the offset was %ld, is %ld\n", who,
           (long)getpid(), from, tell(fd));
}

int main(int argc, char *argv[])
{
    int seek = argc > 1 && strcmp(argv[1], "-seek") == 0;
    int fd = open("offset.txt", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    pid_t pid;

    check(fd < 0, "offset.txt");
    setvbuf(stdout, NULL, _IOLBF, 0); /* or the fork copies lines */
    line("parent", fd, "parent, before the fork\n");

    pid = fork();
    check(pid < 0, "fork");
    if (pid == 0) {
        line("child", fd, "child\n");
        if (seek) {
            check(lseek(fd, 100000000, SEEK_SET) < 0, "lseek");
            printf("child %ld: moved it to 100000000\n",
                   (long)getpid());
        }
        exit(0);
    }
    check(waitpid(pid, NULL, 0) != pid, "waitpid");
    if (seek) {
        printf("parent %ld: finds it at %ld\n", (long)getpid(),
               tell(fd));
        return 0;
    }
    line("parent", fd, "parent, after the child\n");
    return 0;
}
