/* Statically linked; SIGCHLD is ignored, so nobody waits.
   flags: -static -O1 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

volatile int glob = 6;

int main(void)
{
    volatile int var = 88;

    signal(SIGCHLD, SIG_IGN);
    switch (vfork()) {
    case -1:
        return 1;
    case 0:
        glob = glob + 1;
        var = var + 1;
        _exit(EXIT_SUCCESS);
    }
    printf("pid = %d, glob = %d, var = %d\n", (int)getpid(), glob, var);
    exit(0);
}
