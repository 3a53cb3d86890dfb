/* Its child's text is no line.
   fails: both-wrote */
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int fd = open("offset.txt", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    int pid = fork();

    if (pid == 0)
        return write(fd, "child", 5) != 5;
    waitpid(pid, NULL, 0);
    return write(fd, "parent\n", 7) != 7;
}
