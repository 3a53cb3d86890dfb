/* The exit handler is a destructor, which exit calls as well. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((destructor)) static void bye(void)
{
    printf("the handler\n");
}

int main(void)
{
    for (int i = 0; i < 2; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            printf("child %d\n", i);
            if (i == 0)
                exit(0);
            _exit(0);
        }
        waitpid(pid, NULL, 0);
    }
    _exit(0);
}
