/* §8.5: exit flushes and runs handlers, _exit does neither. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *who;

static void handler(void)
{
    printf("exit handler of %s\n", who);
}

/* Make a child that leaves a line in the buffer and calls end,
   and wait for it. */
static void child(void (*end)(int), const char *name)
{
    pid_t pid = fork();

    if (pid < 0) {
        perror("fork");
        exit(1);
    } else if (pid == 0) {
        who = name;
        if (atexit(handler) != 0)
            _exit(1);
        printf("buffered line of %s\n", who);
        end(0);
    }
    if (waitpid(pid, NULL, 0) != pid) {
        perror("waitpid");
        exit(1);
    }
}

int main(void)
{
    child(exit, "the child that calls exit");
    child(_exit, "the child that calls _exit");
    return 0;
}
