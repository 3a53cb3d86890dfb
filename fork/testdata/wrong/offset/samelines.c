/* Both open the file and write the same line forty times; the child
   starts where the parent's half ends, but for one line.
   fails: one-open nothing-lost as-asked */
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static void lines(int fd)
{
    for (int i = 0; i < 40; i++)
        if (write(fd, "line\n", 5) != 5)
            _exit(1);
}

int main(void)
{
    int fd = creat("offset.txt", 0600);
    pid_t pid = fork();

    if (pid == 0) {
        fd = open("offset.txt", O_WRONLY);
        if (lseek(fd, 39 * 5, SEEK_SET) < 0)
            return 1;
        lines(fd);
        return 0;
    }
    lines(fd);
    waitpid(pid, NULL, 0);
    return 0;
}
