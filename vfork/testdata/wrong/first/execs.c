/* The child executes a program, which lets the parent go.
   fails: vforked child-first suspended as-asked */
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

    if ((pid = vfork()) == 0) {
        execl("/bin/sh", "sh", "-c", "sleep 0.25; echo child", (char *)NULL);
        _exit(127);
    }
    say("parent\n");
    waitpid(pid, NULL, 0);
    return 0;
}
