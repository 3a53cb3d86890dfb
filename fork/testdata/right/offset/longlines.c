/* More than is kept of a file, in writes longer than is recorded. */
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char line[100000];

static void lines(int fd)
{
    for (int i = 0; i < 9; i++)
        if (write(fd, line, sizeof line) != sizeof line)
            _exit(1);
}

int main(void)
{
    int fd = creat("offset.txt", 0600);
    pid_t pid;

    memset(line, 'x', sizeof line);
    line[99] = line[sizeof line - 1] = '\n';
    if ((pid = fork()) == 0) {
        lines(fd);
        return 0;
    }
    waitpid(pid, NULL, 0);
    lines(fd);
    return 0;
}
