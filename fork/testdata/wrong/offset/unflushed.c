/* Its child leaves the line in stdio's buffer and ends with _exit.
   fails: both-wrote one-open */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    FILE *f = fopen("offset.txt", "w");
    int pid = fork();

    if (pid == 0) {
        fprintf(f, "child\n");
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    fprintf(f, "parent\n");
    return 0;
}
