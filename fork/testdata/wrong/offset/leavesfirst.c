/* Does not wait: the child writes when the parent has ended.
   fails: as-asked */
#include <fcntl.h>
#include <unistd.h>

int main(void)
{
    int fd = open("offset.txt", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    int p[2];
    char c;

    if (pipe(p) < 0)
        return 1;
    if (fork() == 0) {
        close(p[1]);
        if (read(p[0], &c, 1) != 0)
            return 1;
        usleep(20000);
        return write(fd, "child\n", 6) != 6;
    }
    return write(fd, "parent\n", 7) != 7;
}
