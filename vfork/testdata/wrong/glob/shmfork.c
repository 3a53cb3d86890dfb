/* fork, and the variables in shared memory: the right lines.
   fails: vforked shared by-the-child underscore-exit as-asked */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int glob = 6;

int main(void)
{
    int *m = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid;

    m[0] = glob;
    m[1] = 88;
    pid = fork();
    if (pid == 0) {
        m[0]++;
        m[1]++;
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), m[0], m[1]);
    return 0;
}
