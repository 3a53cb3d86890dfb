/* fork, exec and wait, and nothing about signals.
   fails: ignored blocked before-the-fork */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t p = fork();
    if (!p) {
        execl("/bin/sh","sh","-c","sleep 0.4", (char*)0);
        _exit(127);
    }
    int s;
    waitpid(p, &s, 0);
    printf("%d\n", s);
    return 0;
}
