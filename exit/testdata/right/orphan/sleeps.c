/* flags: -O2
   In the book's style, with a shorter sleep. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
    pid_t pid;

    if ((pid = fork()) < 0) {
        perror("fork");
        exit(1);
    } else if (pid == 0) {
        sleep(1);
        printf("parent pid = %ld\n", (long)getppid());
        exit(0);
    }
    exit(0);
}
