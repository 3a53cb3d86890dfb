/* dup2 with its arguments the wrong way round.
   fails: between to-the-file closed-the-other */
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t p = fork();
    if (!p) {
        int fd = open("out.txt", O_WRONLY|O_CREAT|O_TRUNC, 0644);
        dup2(1, fd);
        close(fd);
        execlp("echo","echo","x", (char*)0);
        _exit(1);
    }
    wait(0);
    printf("done\n");
    return 0;
}
