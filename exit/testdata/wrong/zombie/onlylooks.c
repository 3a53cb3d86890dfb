/* Looks with WNOWAIT and collects nothing.
   fails: was-zombie reaped none-left */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    siginfo_t info;

    if (fork() == 0)
        _exit(3);
    if (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) == 0)
        printf("a zombie: %d, status %d\n", (int)info.si_pid, info.si_status);
    return 0;
}
