/* No handler is registered.
   fails: handler-ran was-buffered */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t pid;

    if ((pid = fork()) == 0) {
        printf("one\n");
        exit(0);
    }
    waitpid(pid, NULL, 0);
    if ((pid = fork()) == 0) {
        printf("two\n");
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
