/* The child still runs when the parent looks and ends: it waits for the
   end of the pipe, whose other end the parent holds.
   fails: was-zombie as-asked */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int fd[2];
    char c;

    if (pipe(fd) < 0)
        return 1;
    fcntl(fd[1], F_SETFD, FD_CLOEXEC);
    if (fork() == 0) {
        close(fd[1]);
        _exit((int)read(fd[0], &c, 1));
    }
    return system("ps -o pid,ppid,stat,comm >/dev/null") < 0;
}
