/* The child runs on into the lines of its parent.
   remark: ran on into its parent's code */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int fd = open("f.txt", O_RDWR | O_CREAT | O_TRUNC, 0644);

    if (fork() == 0)
        if (write(fd, "child\n", 6) != 6)
            return 1;
    wait(NULL);
    return write(fd, "parent\n", 7) != 7;
}
