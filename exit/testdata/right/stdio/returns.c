/* flags: -O2
   The child that calls _Exit comes first, the other returns from
   main; the handler writes past the stream. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void farewell(void)
{
    if (write(STDOUT_FILENO, "farewell\n", 9) != 9)
        abort();
}

int main(void)
{
    siginfo_t info;
    pid_t pid = fork();

    if (pid == 0) {
        atexit(farewell);
        fputs("never heard of on a pipe\n", stdout);
        _Exit(0);
    }
    waitid(P_PID, pid, &info, WEXITED);
    if ((pid = fork()) == 0) {
        atexit(farewell);
        fputs("late, but here\n", stdout);
        return 0;
    }
    waitid(P_ALL, 0, &info, WEXITED);
    _exit(0);
}
