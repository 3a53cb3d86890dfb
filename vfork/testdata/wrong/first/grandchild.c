/* The vforked child lets a child of its own write.
   fails: child-first */
#define _DEFAULT_SOURCE
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t pid = vfork();

    if (pid == 0) {
        if (fork() == 0) {
            write(1, "child\n", 6);
            _exit(0);
        }
        wait(NULL);
        _exit(0);
    }
    write(1, "parent\n", 7);
    waitpid(pid, NULL, 0);
    return 0;
}
