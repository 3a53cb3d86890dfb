/* Looks with WNOWAIT and reaps nothing.
   remark: never reaped the child */
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
