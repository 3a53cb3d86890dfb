/* fopen, dup3 and vfork. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    FILE *f = fopen("data.txt","w+");
    int a = fileno(f), b = dup3(a, 20, O_CLOEXEC);
    pid_t p = vfork();
    if (!p) {
        execlp("true","true", (char*)0);
        _exit(127);
    }
    waitpid(p, 0, 0);
    close(b);
    fclose(f);
    return 0;
}
