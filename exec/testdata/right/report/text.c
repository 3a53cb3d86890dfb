/* The number goes through the pipe as text, read with fscanf. */
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

static void t(const char *path)
{
    int p[2];
    if (pipe(p)<0) exit(1);
    fcntl(p[0], F_SETFD, FD_CLOEXEC);
    fcntl(p[1], F_SETFD, FD_CLOEXEC);
    pid_t k = fork();
    if (!k) {
        execlp(path, path,"1", (char*)0);
        dprintf(p[1],"%d", errno);
        _exit(127);
    }
    close(p[1]);
    FILE *f = fdopen(p[0],"r");
    int e;
    if (fscanf(f,"%d", &e)==1) printf("exec failed: errno = %d\n", e);
    else printf("exec worked\n");
    fflush(stdout);
    fclose(f);
    waitpid(k, 0, 0);
}

int main(void)
{
    t("./nothing");
    t("sleep");
    return 0;
}
