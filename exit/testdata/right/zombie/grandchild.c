/* The zombie is a grandchild, and its parent leaves it to others.
   remark: never reaped the child */
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    siginfo_t info;
    int left[2];
    char c;

    pipe(left);
    if (fork() > 0)
        _exit(0); /* waits for nobody */
    close(left[1]);
    read(left[0], &c, 1); /* until it has gone */
    if (fork() == 0)
        _exit(3);
    waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
    return 0;
}
