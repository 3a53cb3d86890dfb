/* One open file: dup, and dup3 with O_CLOEXEC, in the first process. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int fd = open("data.txt", O_RDWR | O_CREAT, 0644);

    if (fd < 0 || dup3(fd, 20, O_CLOEXEC) < 0 || dup2(fd, 21) < 0)
        return 1;
    close(fd);
    execl("/bin/true", "true", (char *)0);
    return 127;
}
