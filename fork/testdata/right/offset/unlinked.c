/* Removes the file at the end. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int fd = open("data.txt", O_RDWR | O_CREAT | O_TRUNC, 0644);
    pid_t pid = fork();

    if (pid == 0)
        _exit(write(fd, "child\n", 6) != 6);
    wait(NULL);
    if (write(fd, "parent\n", 7) != 7)
        return 1;
    return unlink("data.txt") < 0;
}
