/* The zombie is a grandchild, and its parent leaves it to others.
   fails: was-zombie reaped none-left */
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    siginfo_t info;

    if (fork() > 0)
        _exit(0); /* waits for nobody */
    if (fork() == 0)
        _exit(3);
    waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
    return 0;
}
