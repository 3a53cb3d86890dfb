/* posix_spawn: no fork in sight, the children are shells. */
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>

extern char **environ;

int main(void)
{
    char *line[] = { "exit 7", "kill -ABRT $$", "kill -FPE $$" };

    for (int i = 0; i < 3; i++) {
        char *argv[] = { "sh", "-c", line[i], NULL };
        pid_t pid;
        int st;

        if (posix_spawnp(&pid, "sh", NULL, NULL, argv, environ) != 0)
            return 1;
        if (waitpid(pid, &st, 0) != pid)
            return 1;
        if (WIFEXITED(st))
            printf("normal termination, exit status = %d\n",
                   WEXITSTATUS(st));
        else
            printf("abnormal termination, signal number = %d%s\n",
                   WTERMSIG(st),
                   WCOREDUMP(st) ? " (core file generated)" : "");
    }
    return 0;
}
