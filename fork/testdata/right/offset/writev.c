/* writev, and a look at the offset without moving it. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static void put(int fd, const char *a, const char *b)
{
    struct iovec v[2] = {{(void*)a, strlen(a)}, {(void*)b, strlen(b)}};
    if (writev(fd, v, 2)<0) _exit(1);
}

int main(void)
{
    int fd = openat(AT_FDCWD,"log.txt", O_CREAT|O_EXCL|O_WRONLY, 0600);
    int c[2];
    pipe(c);
    pid_t p = fork();
    if (!p) {
        close(c[1]);
        char b;
        read(c[0], &b, 1);
        put(fd,"child"," line\n");
        off_t o = lseek(fd, 0, SEEK_CUR);
        dprintf(2,"at %ld\n", (long)o);
        _exit(0);
    }
    put(fd,"parent"," one\n");
    write(c[1],"x", 1);
    waitpid(p, 0, 0);
    put(fd,"parent"," two\n");
    return 0;
}
