/* The parent waits: nobody is ever an orphan.
   fails: parent-first adopted saw-it as-asked */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    if (fork() == 0) {
        usleep(50000);
        printf("parent pid = %d\n", (int)getppid());
        return 0;
    }
    wait(NULL);
    return 0;
}
