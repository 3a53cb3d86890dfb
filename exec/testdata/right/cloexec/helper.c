/* A helper process executes a program too; the first process executes the one
   of the experiment. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
    int fd;

    if (system("true") != 0)
        return 1;
    if ((fd = open("data.txt", O_RDWR | O_CREAT | O_CLOEXEC, 0644)) < 0)
        return 1;
    if (fcntl(fd, F_DUPFD, 20) < 0)
        return 1;
    execlp("true", "true", (char *)0);
    return 1;
}
