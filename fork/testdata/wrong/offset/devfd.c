/* The child opens its descriptor once more, by way of /dev/fd.
   fails: one-open nothing-lost as-asked */
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    char name[30];
    int fd = open("f.txt", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    pid_t pid;

    write(fd, "parent one\n", 11);
    if ((pid = fork()) == 0) {
        int mine;

        snprintf(name, sizeof name, "/dev/fd/%d", fd);
        mine = open(name, O_WRONLY);
        write(mine, "child\n", 6);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    write(fd, "parent two\n", 11);
    return 0;
}
