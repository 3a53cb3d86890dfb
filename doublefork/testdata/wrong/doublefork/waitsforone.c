/* Waits for pid 1 to be the parent, which it never is under another
   adopter: systemd --user, a container, this check.
   fails: saw-it as-asked
   limit: 2s */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t first = fork();

    if (first == 0) {
        if (fork() == 0) {
            while (getppid() != 1)
                usleep(10000);
            printf("second child, parent pid = %d\n", getppid());
        }
        exit(0);
    }
    waitpid(first, NULL, 0);
    return 0;
}
