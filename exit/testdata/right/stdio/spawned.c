/* posix_spawn: the children are this program once more, each told
   what to do. */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void handler(void) { puts("handled"); }

int main(int argc, char *argv[])
{
    char *how[] = { "exit", "_exit" };
    pid_t pid;

    if (argc > 1) {
        atexit(handler);
        printf("this one calls %s\n", argv[1]);
        if (strcmp(argv[1], "exit") == 0)
            exit(0);
        _exit(0);
    }
    for (int i = 0; i < 2; i++) {
        char *args[] = { argv[0], how[i], NULL };

        if (posix_spawn(&pid, "/proc/self/exe", NULL, NULL, args, environ))
            return 1;
        waitpid(pid, NULL, 0);
    }
    return 0;
}
