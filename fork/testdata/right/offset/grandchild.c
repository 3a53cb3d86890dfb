/* The experiment is one level down, the descriptors are duplicates,
   and the child is made by clone. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    if (fork() == 0) {
        int fd = open("f", O_CREAT | O_EXCL | O_RDWR, 0644);
        long pid;

        dup2(fd, 20);
        pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
        if (pid == 0) {
            if (write(20, "below\n", 6) != 6)
                _exit(1);
            _exit(0);
        }
        dprintf(fd, "above\n");
        waitpid(-1, NULL, 0);
        return 0;
    }
    wait(NULL);
    return 0;
}
