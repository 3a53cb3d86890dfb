/* The parent has another child, which is not the orphan, and asks
   whether it has ended. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    const pid_t old = getpid();
    pid_t helper = fork();
    int p[2];
    char c;

    if (helper < 0 || pipe(p) < 0)
        return 1;
    if (helper == 0) {
        usleep(50000);
        _exit(0);
    }
    if (fork() == 0) {
        if (write(p[1], "x", 1) != 1)
            _exit(1);
        while (getppid() == old)
            usleep(500);
        printf("parent pid = %ld\n", (long)getppid());
        exit(0);
    }
    if (read(p[0], &c, 1) != 1)
        return 1;
    while (waitpid(helper, NULL, WNOHANG) == 0)
        usleep(1000);
    return 0;
}
