/* The child's line stays in the buffer, and the parent writes it later.
   fails: child-first */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    if (vfork() == 0) {
        printf("child\n");
        _exit(0);
    }
    printf("parent\n");
    return 0;
}
