/* pwritev2 with the offset -1 uses the shared offset. */
#define _GNU_SOURCE
#include <sys/uio.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int fd = open("f.txt", O_RDWR | O_CREAT | O_TRUNC, 0644);
    struct iovec v[2] = { { "a ", 2 }, { "line\n", 5 } };
    pid_t pid = fork();

    if (pid == 0)
        _exit(pwritev2(fd, v, 2, -1, 0) != 7);
    wait(NULL);
    return pwritev2(fd, v, 2, -1, 0) != 7;
}
