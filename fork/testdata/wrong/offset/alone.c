/* Writes both lines itself.
   fails: both-wrote one-open */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
    int fd = open("offset.txt", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    const char *text = "parent\nchild\n";

    return write(fd, text, strlen(text)) < 0;
}
