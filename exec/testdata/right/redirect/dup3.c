/* openat with O_CLOEXEC, and dup2. */
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
    int fd;
    pid_t pid;

    (void)fd;
    if ((pid = fork()) == 0) {
        fd = openat(AT_FDCWD, "out.txt",
                    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        dup2(fd, 1);
        execl("/bin/echo", "echo", "hello", (char *)0);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    printf("done\n");
    return 0;
}
