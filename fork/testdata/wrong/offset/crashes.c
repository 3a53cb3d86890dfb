/* The child closes a stream that it never opened.
   flags: -Wno-nonnull
   fails: both-wrote one-open */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static FILE *never;

int main(void)
{
    int fd = open("f.txt", O_RDWR | O_CREAT | O_TRUNC, 0644);
    pid_t pid = fork();

    if (pid == 0) {
        fclose(never);
        _exit(write(fd, "child\n", 6) != 6);
    }
    wait(NULL);
    return write(fd, "parent\n", 7) != 7;
}
