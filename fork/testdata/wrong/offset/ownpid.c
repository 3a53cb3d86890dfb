/* Waits for itself instead of for its child.
   fails: as-asked */
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int fd = open("f.txt", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    pid_t parent = getpid();

    if (fork() == 0) {
        while (getppid() == parent)
            ; /* until the parent has ended */
        write(fd, "child\n", 6);
        _exit(0);
    }
    waitpid(parent, NULL, 0);
    write(fd, "parent\n", 7);
    return 0;
}
