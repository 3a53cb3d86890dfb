/* data.txt is a directory: the flag that opendir sets is shown, and
   the task asks for a regular file. */
/* fails: flags closed kept parents */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t pid;

    mkdir("data.txt", 0755);
    if (opendir("data.txt") == NULL || open("data.txt", O_RDONLY) < 0)
        return 1;
    pid = fork();
    if (pid == 0) {
        execlp("true", "true", (char *)0);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
