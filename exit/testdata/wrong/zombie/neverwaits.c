/* The parent sleeps, and ends without waiting.
   fails: was-zombie reaped none-left */
#include <unistd.h>

int main(void)
{
    if (fork() == 0)
        _exit(3);
    usleep(200000);
    return 0;
}
