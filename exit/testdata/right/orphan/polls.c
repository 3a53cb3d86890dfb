/* The child asks until the answer is another one. */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    const pid_t old = getpid(); /* before the fork: it may be over */

    if (fork() == 0) {
        while (getppid() == old)
            usleep(500);
        printf("parent pid = %ld\n", (long)getppid());
    }
    return 0;
}
