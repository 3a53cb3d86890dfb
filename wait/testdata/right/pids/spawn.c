/* posix_spawn puts its children into the group itself.
   flags: -O2 */
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static pid_t spawn(const char *line, pid_t group)
{
    char *argv[] = { "sh", "-c", (char *)line, NULL };
    posix_spawnattr_t attr;
    pid_t pid;

    posix_spawnattr_init(&attr);
    if (group >= 0) {
        posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
        posix_spawnattr_setpgroup(&attr, group);
    }
    if (posix_spawnp(&pid, "sh", NULL, &attr, argv, environ) != 0)
        return -1;
    return pid;
}

int main(void)
{
    pid_t leader, second;
    int st;

    leader = spawn("exit 21", 0);
    spawn("exit 22", leader);
    spawn("exit 23", -1);
    second = spawn("exit 24", -1);
    waitpid(second, &st, 0);
    waitpid(0, &st, 0);
    wait3(&st, 0, NULL);
    waitpid(-leader, &st, 0);
    if (wait(NULL) < 0)
        perror("wait");
    return 0;
}
