/* Exercise 8.2: the child of a vfork returns from the function that
   called vfork, and the parent returns from it later. The Go
   program compiles this file from its own memory, so the file
   includes no header of this folder. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline))

static NOINLINE pid_t inner(void)
{
    volatile pid_t pid = vfork(); /* two processes, one stack */

    return pid;
}

static NOINLINE pid_t outer(void)
{
    volatile pid_t pid = inner();

    return pid;
}

/* Uses the stack for a frame of its own, as any function does. */
static NOINLINE void next(void)
{
    volatile char frame[4096];
    unsigned i;

    for (i = 0; i < sizeof frame; i++)
        frame[i] = 0;
}

static void parent(void)
{
    pid_t pid = outer();

    if (pid < 0)
        _exit(1);
    if (pid == 0) { /* the child returns first, and continues */
        next();
        _exit(0);
    }
    /* The frames with the parent's return addresses are gone. */
    dprintf(STDOUT_FILENO, "parent %ld: returned\n",
            (long)getpid());
    _exit(0);
}

int main(void)
{
    pid_t pid = fork();
    int status;

    if (pid < 0) {
        perror("fork");
        return 1;
    }
    if (pid == 0)
        parent();
    if (waitpid(pid, &status, 0) != pid) {
        perror("waitpid");
        return 1;
    }
    if (WIFSIGNALED(status))
        printf("parent %ld: abnormal termination, "
               "signal number = %d\n",
               (long)pid, WTERMSIG(status));
    else
        printf("parent %ld: it survived, by chance\n", (long)pid);
    return 0;
}
