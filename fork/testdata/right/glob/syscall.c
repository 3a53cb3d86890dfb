/* The system call itself, puts and waitid. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>
#include <sys/syscall.h>
int g = 6;

static void show(int v)
{
    char b[64];
    snprintf(b, sizeof b,"pid = %d, glob = %d, var = %d", (int)getpid(), g, v);
    puts(b);
}

int main(void)
{
    int v = 88;
    if (dprintf(STDOUT_FILENO,"direct\n")<0) return 1;
    fputs("before fork\n", stdout);
    pid_t p = (pid_t)syscall(SYS_fork);
    if (p == 0) {
        g++;
        v++;
        show(v);
        fflush(stdout);
        _exit(0);
    }
    siginfo_t si;
    waitid(P_PID, p, &si, WEXITED);
    show(v);
    return 0;
}
