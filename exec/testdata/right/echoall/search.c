/* execve twice, vfork, and a search of its own that asks access. */
#define _GNU_SOURCE
#include <string.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct job {
    const char *file;
    char *argv[4];
    char **envp;
};

static char path[4096];

static const char *find(const char *file)
{
    char *list = strdup(getenv("PATH")), *dir;

    while ((dir = strsep(&list, ":")) != NULL) {
        snprintf(path, sizeof path, "%s/%s", *dir ? dir : ".", file);
        if (access(path, X_OK) == 0)
            return path;
    }
    return file;
}

int main(void)
{
    char *two[] = { "PATH=/tmp", "USER=unknown", NULL };
    struct job jobs[] = {
        { "/bin/true", { "echoall", "myarg1", "MY ARG2", NULL }, two },
        { find("true"), { "echoall", "only 1 arg", NULL }, environ },
    };

    for (int i = 0; i < 2; i++) {
        pid_t pid = vfork();

        if (pid == 0) {
            execve(jobs[i].file, jobs[i].argv, jobs[i].envp);
            _exit(127);
        }
        wait(NULL);
    }
    return 0;
}
