/* The parent sleeps, and ends without waiting. Nothing looks at the child.
   remark: no process of the program looked at the child */
#include <unistd.h>

int main(void)
{
    if (fork() == 0)
        _exit(3);
    sleep(1);
    return 0;
}
