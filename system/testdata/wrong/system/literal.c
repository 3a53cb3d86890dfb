/* Runs the four commands and prints what it knows of them, without
   looking at a status.
   fails: said-right */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
static void run(const char *command, const char *says)
{
    pid_t pid = fork();
    if (pid == 0) { execl("/bin/sh", "sh", "-c", command, (char *)0); _exit(127); }
    {int st; waitpid(pid, &st, 0);};
    printf("%s\n", says);
    fflush(stdout);
}
int main(void)
{
    run("exit 0", "normal termination, exit status = 0");
    run("nosuchcommand", "normal termination, exit status = 127");
    run("exit 44", "normal termination, exit status = 44");
    run("kill -9 $$", "abnormal termination, signal number = 9");
    return 0;
}
