/* One function for both, execvp. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void try_(char *const av[])
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
    if (read(p[0], &e, sizeof e)==sizeof e) printf("exec failed: errno = %d\n", e);
    else {
        puts("exec worked");
        fflush(stdout);
    }
    close(p[0]);
    waitpid(k, 0, 0);
}

int main(void)
{
    char *a[] = {"./nothing", 0}, *b[] = {"sleep","2", 0};
    try_(a);
    try_(b);
    return 0;
}
