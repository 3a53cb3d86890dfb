/* The second child does not ask for its new parent: it takes that of
   the original.
   fails: saw-it */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t shell = getppid(), pid = fork();

    if (pid == 0) {
        if (fork() > 0)
            _exit(0);
        sleep(1);
        printf("second child, parent pid = %ld\n", (long)shell);
        return 0;
    }
    waitpid(pid, NULL, 0);
    return 0;
}
