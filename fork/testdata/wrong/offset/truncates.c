/* Empties the file before the parent's line: the child's is gone,
   and a hole is in front.
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
    if (ftruncate(fd, 0) < 0)
        return 1;
    return write(fd, "parent\n", 7) != 7;
}
