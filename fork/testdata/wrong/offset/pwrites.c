/* Its parent says where to write: there the child has written.
   fails: nothing-lost as-asked */
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int fd = open("offset.txt", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    int pid = fork();

    if (pid == 0)
        return write(fd, "child\n", 6) != 6;
    waitpid(pid, NULL, 0);
    return pwrite(fd, "parent\n", 7, 0) != 7;
}
