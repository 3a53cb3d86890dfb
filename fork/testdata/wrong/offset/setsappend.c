/* One open, but with O_APPEND set afterwards, to be safe.
   fails: as-asked */
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int fd = open("offset.txt", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    int pid = fork();

    if (pid == 0) {
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_APPEND);
        return write(fd, "child\n", 6) != 6;
    }
    waitpid(pid, NULL, 0);
    return write(fd, "parent\n", 7) != 7;
}
