/* on_exit instead of atexit, and a list of ways to end. */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void bye(int st, void *m)
{
    (void)st;
    write(1, m, strlen(m));
}

static void child(void(*end)(int))
{
    on_exit(bye,"bye\n");
    printf("I am %d\n", (int)getpid());
    end(0);
}

int main(void)
{
    void (*ends[])(int) = {exit, _exit};
    for (int i = 0;i < 2;i++) {
        pid_t p = fork();
        if (!p) child(ends[i]);
        siginfo_t si;
        waitid(P_ALL, 0, &si, WEXITED);
    }
    _exit(0);
}
