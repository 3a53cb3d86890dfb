/* flags: -O2 -static
   Nobody in step: both write forty lines when they like. The parent
   stays, through a pipe that closes when the child ends. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static void lines(int fd, char *who)
{
    for (int i = 0; i < 40; i++) {
        char n[8];
        struct iovec v[3] = { { who, strlen(who) }, { n, 0 }, { "\n", 1 } };

        v[1].iov_len = (size_t)snprintf(n, sizeof n, " %d", i);
        if (writev(fd, v, 3) < 0)
            _exit(1);
    }
}

int main(void)
{
    int p[2], fd = creat("out", 0600);
    char c;

    if (pipe(p) < 0 || fd < 0)
        return 1;
    if (fork() == 0) {
        close(p[0]);
        lines(fd, "child");
        return 0;
    }
    close(p[1]);
    lines(fd, "parent");
    while (read(p[0], &c, 1) > 0)
        ;
    usleep(20000); /* EOF comes a little before the end */
    return 0;
}
