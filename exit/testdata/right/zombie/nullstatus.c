/* Throws the status away. */
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    if (fork() == 0)
        _exit(3);
    usleep(200000);
    wait(NULL);
    return 0;
}
