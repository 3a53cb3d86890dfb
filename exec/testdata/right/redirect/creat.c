/* close and creat, which gets the lowest descriptor; dprintf. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t p = fork();
    if (!p) {
        close(STDOUT_FILENO);
        if (creat("out.txt", 0644)!=1) _exit(1);
        execlp("echo","echo","to the file", (char*)0);
        _exit(127);
    }
    int s;
    while (waitpid(p, &s, 0)<0);
    dprintf(1,"status %d\n", WEXITSTATUS(s));
    return 0;
}
