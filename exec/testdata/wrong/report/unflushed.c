/* The lines stay in the buffer until the end.
   fails: while-it-runs */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void t(char *const av[])
{
    int p[2];
    pipe2(p, O_CLOEXEC);
    pid_t k = fork();
    if (!k) {
        execvp(av[0], av);
        int e = errno;
        write(p[1], &e, sizeof e);
        _exit(127);
    }
    close(p[1]);
    int e;
    if (read(p[0], &e, sizeof e)>0) printf("exec failed: errno = %d\n", e);
    else printf("exec worked\n");
    close(p[0]);
    waitpid(k, 0, 0);
}

int main(void)
{
    char *a[] = {"./nothing", 0}, *b[] = {"sleep","2", 0};
    t(a);
    t(b);
    return 0;
}
