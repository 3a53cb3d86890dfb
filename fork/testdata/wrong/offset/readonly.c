/* Opens the file without the right to write.
   fails: both-wrote one-open nothing-lost as-asked */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int fd = open("f.txt", O_RDONLY | O_CREAT, 0644);
    pid_t pid = fork();

    if (pid == 0) {
        if (write(fd, "child\n", 6) != 6)
            _exit(1);
        _exit(0);
    }
    wait(NULL);
    return write(fd, "parent\n", 7) != 7;
}
