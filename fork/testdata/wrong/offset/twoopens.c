/* Opens the file in each process, after the fork.
   fails: one-open nothing-lost as-asked */
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int fd, pid = fork();

    if (pid > 0)
        waitpid(pid, NULL, 0);
    fd = open("offset.txt", O_WRONLY | O_CREAT, 0644);
    if (write(fd, pid ? "parent\n" : "child\n", pid ? 7 : 6) < 0)
        return 1;
    return 0;
}
