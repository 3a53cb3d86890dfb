/* Shells set the mode, try the file and remove it. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    static const char text[] = "#!/bin/echo one two\n";
    int fd = open("testinterp", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                  0600);
    pid_t pid;

    if (fd < 0 || write(fd, text, sizeof text - 1) < 0)
        return 1;
    close(fd);
    if (system("chmod 755 testinterp && ./testinterp try > log") != 0)
        return 1;
    if ((pid = fork()) == 0) {
        if (system("cat log > /dev/null") != 0)
            _exit(126);
        execl("./testinterp", "zero", "myarg1", "MY ARG2", (char *)0);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    return system("rm testinterp log") != 0;
}
