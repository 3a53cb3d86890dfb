/* The second child asks for its parent until the answer changes.
   It knows the first one's pid from before it was born.
   flags: -O2 -static */
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
    struct timespec ms = { 0, 1000000 };
    int i, status;

    switch (fork()) {
    case 0: {
        pid_t first = getpid();
        if (fork() > 0)
            return 0;
        while (getppid() == first)
            nanosleep(&ms, NULL);
        for (i = 0; i < 100; i++) /* the original's wait returns */
            nanosleep(&ms, NULL);
        printf("I was orphaned\n");
        printf("second child, parent pid = %d  \n", (int)getppid());
        return 0;
    }
    default:
        wait(&status);
        return 0;
    }
}
