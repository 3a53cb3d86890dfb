/* Figure 8.7: waitpid's options. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* Ask without waiting and print the answer. */
static void poll(const char *name, pid_t child, int options)
{
    int st = 0;
    pid_t pid = waitpid(child, &st, options);

    printf("  %-11s ", name);
    if (pid < 0)
        printf("%s\n", errno == ECHILD ? "ECHILD"
               : errno == EINVAL ? "EINVAL" : "another error");
    else if (pid == 0)
        printf("0\n");
    else {
        printf("its pid, word %#x: ", (unsigned)st);
        if (WIFSTOPPED(st))
            printf("child stopped, signal number = %d\n",
                   WSTOPSIG(st));
        else if (WIFCONTINUED(st))
            printf("child continued\n");
        else
            printf("normal termination, exit status = %d\n",
                   WEXITSTATUS(st));
    }
}

/* Wait until the child has changed, and leave it to be asked. */
static void look(pid_t child, int what)
{
    siginfo_t info;

    if (waitid(P_PID, child, &info, what | WNOWAIT) < 0)
        die("waitid");
}

int main(void)
{
    int gate[2];
    char c;
    pid_t child;

    if (pipe(gate) < 0)
        die("pipe");
    if ((child = fork()) < 0)
        die("fork");
    if (child == 0) { /* lives until the parent closes the gate */
        close(gate[1]);
        _exit(read(gate[0], &c, 1) == 0 ? 7 : 1);
    }
    printf("the child %ld is running\n", (long)child);
    poll("WNOHANG", child, WNOHANG);

    if (kill(child, SIGSTOP) < 0)
        die("kill");
    look(child, WSTOPPED);
    printf("it is stopped\n");
    poll("WNOHANG", child, WNOHANG);
    poll("WUNTRACED", child, WNOHANG | WUNTRACED);
    poll("WUNTRACED", child, WNOHANG | WUNTRACED);

    if (kill(child, SIGCONT) < 0)
        die("kill");
    look(child, WCONTINUED);
    printf("it is continued\n");
    poll("WUNTRACED", child, WNOHANG | WUNTRACED);
    poll("WCONTINUED", child, WNOHANG | WCONTINUED);
    poll("WCONTINUED", child, WNOHANG | WCONTINUED);

    poll("0x100", child, WNOHANG | 0x100);

    close(gate[1]);
    look(child, WEXITED);
    printf("it is dead\n");
    poll("WNOHANG", child, WNOHANG);
    poll("WNOHANG", child, WNOHANG);
    return 0;
}
