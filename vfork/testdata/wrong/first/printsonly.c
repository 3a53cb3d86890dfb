/* The right lines, and no child.
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

    (void)pid;
    say("parent calls vfork\n");
    say("child runs\n");
    usleep(250000);
    say("child ends\n");
    say("parent runs again\n");
    return 0;
}
