/* As the book has it: the second child sleeps, and hopes.
   remark: sleeps for 1 s */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t pid;

    if ((pid = fork()) < 0) {
        perror("fork");
        return 1;
    } else if (pid == 0) {
        if ((pid = fork()) < 0)
            return 1;
        else if (pid > 0)
            exit(0);
        sleep(1);
        printf("second child, parent pid = %ld\n", (long)getppid());
        exit(0);
    }
    if (waitpid(pid, NULL, 0) != pid)
        perror("waitpid");
    exit(0);
}
