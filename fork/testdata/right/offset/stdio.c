/* By way of stdio, flushed before the fork and by exit; in step by
   waitid. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    FILE *f = fopen("both", "w");
    siginfo_t info;
    pid_t pid;

    fprintf(f, "one\ntwo\n");
    fflush(f);
    pid = fork();
    if (pid == 0) {
        fprintf(f, "three, from %d\n", (int)getpid());
        exit(0);
    }
    waitid(P_PID, (id_t)pid, &info, WEXITED);
    fprintf(f, "four, at %ld\n", ftell(f));
    return 0;
}
