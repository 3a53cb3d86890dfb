/* Waits for itself instead of for its child.
   fails: as-asked */
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int gate[2], fd = open("f.txt", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    char b;

    if (pipe(gate) < 0)
        return 1;
    if (fork() == 0) {
        close(gate[1]);
        read(gate[0], &b, 1); /* comes back when the parent has ended */
        write(fd, "child\n", 6);
        _exit(0);
    }
    waitpid(getpid(), NULL, 0);
    write(fd, "parent\n", 7);
    return 0;
}
