/* Throws the status away. */
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    if (fork() == 0)
        _exit(3);
    sleep(1);
    wait(NULL);
    return 0;
}
