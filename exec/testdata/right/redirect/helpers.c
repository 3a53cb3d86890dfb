/* Shells write to a file of this name before, and read it at the end. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t pid;

    if (system("(date; uname) > out.txt; cat out.txt > log; rm log") != 0)
        return 1;
    if ((pid = fork()) == 0) {
        int fd;

        if (system("rm -f out.txt") != 0)
            _exit(126);
        fd = open("out.txt", O_WRONLY | O_CREAT | O_TRUNC, 0644);
        dup2(fd, 1);
        close(fd);
        execlp("date", "date", (char *)0);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    if (system("cat out.txt > /dev/null") != 0)
        return 1;
    printf("the parent has reaped its child\n");
    return 0;
}
