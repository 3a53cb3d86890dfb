/* The parent looks once, and ends before the child.
   fails: was-zombie as-asked */
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int status;

    if (fork() == 0) {
        sleep(1);
        _exit(3);
    }
    waitpid(-1, &status, WNOHANG);
    return 0;
}
