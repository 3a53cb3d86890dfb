/* The child sets the flag, so the parent's two descriptors have none. */
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int a = open("data.txt", O_RDWR | O_CREAT | O_TRUNC, 0644);
    int b = dup(a);
    pid_t pid = fork();

    if (pid == 0) {
        fcntl(b, F_SETFD, FD_CLOEXEC);
        execlp("true", "true", (char *)0);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
