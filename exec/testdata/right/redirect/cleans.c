/* A helper process removes an old file first. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t pid;

    if (system("rm -f out.txt") != 0)
        return 1;
    if ((pid = fork()) == 0) {
        close(1);
        if (creat("out.txt", 0644) != 1)
            _exit(1);
        execl("/bin/echo", "echo", "hello", (char *)0);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    puts("done");
    return 0;
}
