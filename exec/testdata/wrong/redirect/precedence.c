/* The comparison is stored, and not the descriptor: fd is 0.
   flags: -Wno-parentheses
   fails: between to-the-file closed-the-other */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int fd;

    if (fork() == 0) {
        if (fd = open("out.txt", O_WRONLY | O_CREAT | O_TRUNC, 0644) < 0)
            exit(1);
        dup2(fd, 1);
        execlp("echo", "echo", "hello", (char *)0);
        _exit(127);
    }
    wait(NULL);
    puts("parent");
    return 0;
}
