/* freopen in the parent, before the fork.
   fails: between parent-unchanged as-asked */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    freopen("out.txt","w", stdout);
    pid_t p = fork();
    if (!p) {
        execlp("echo","echo","x", (char*)0);
        _exit(1);
    }
    wait(0);
    printf("done\n");
    return 0;
}
