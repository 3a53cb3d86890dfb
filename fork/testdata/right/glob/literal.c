/* No variable is changed: the child prints numbers. It cannot be told from
   a right program by what it prints.
   remark: did it add one to a variable */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t pid;

    if (write(STDOUT_FILENO, "direct\n", 7) != 7)
        return 1;
    printf("before fork\n");
    if ((pid = fork()) == 0) {
        printf("pid = %d, glob = 7, var = 89\n", (int)getpid());
        exit(0);
    }
    waitpid(pid, NULL, 0);
    printf("pid = %d, glob = 6, var = 88\n", (int)getpid());
    return 0;
}
