/* The child's line has no newline.
   fails: child-first */
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t pid = vfork();

    if (pid == 0) {
        sleep(1);
        if (write(1, "child ", 6) != 6)
            _exit(1);
        _exit(0);
    }
    if (write(1, "parent\n", 7) != 7)
        return 1;
    waitpid(pid, NULL, 0);
    return 0;
}
