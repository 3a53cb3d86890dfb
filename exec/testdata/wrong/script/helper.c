/* The child of a helper is reaped, and the one that executes the file is not.
   fails: collected */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    static const char text[] = "#!/bin/echo one two\n";
    int fd = open("testinterp", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                  0600);

    if (fd < 0 || write(fd, text, sizeof text - 1) < 0)
        return 1;
    close(fd);
    if (system("chmod 755 testinterp") != 0)
        return 1;
    if (fork() == 0) {
        execl("./testinterp", "zero", "myarg1", "MY ARG2", (char *)0);
        _exit(127);
    }
    sleep(1);
    return 0;
}
