/* The book's shape, with streams in the parent. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *s)
{
    if (write(1, s, strlen(s)) < 0)
        _exit(9);
}

int main(void)
{
    pid_t pid;

    printf("parent\n");
    pid = vfork();
    if (pid < 0)
        return 1;
    if (pid == 0) {
        sleep(1);
        say("child\n");
        _exit(0);
    }
    printf("parent again\n");
    if (waitpid(pid, NULL, 0) != pid)
        return 1;
    return 0;
}
