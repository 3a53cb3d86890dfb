/* Its child goes back to the start: it covers the parent's line.
   fails: nothing-lost as-asked */
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int fd = open("offset.txt", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    int pid;

    if (write(fd, "parent was here\n", 16) != 16)
        return 1;
    if ((pid = fork()) == 0) {
        lseek(fd, 0, SEEK_SET);
        return write(fd, "child\n", 6) != 6;
    }
    waitpid(pid, NULL, 0);
    return 0;
}
