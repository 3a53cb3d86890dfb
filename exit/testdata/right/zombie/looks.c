/* flags: -O2 -static
   Looks first, and collects with waitid. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    siginfo_t seen, taken;
    pid_t pid = fork();

    if (pid == 0)
        _exit(17);
    if (waitid(P_PID, pid, &seen, WEXITED | WNOWAIT) < 0
        || waitid(P_PID, pid, &taken, WEXITED) < 0)
        return 1;
    printf("status %d, and still %d\n", seen.si_status, taken.si_status);
    return 0;
}
