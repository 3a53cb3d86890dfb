/* Figure 8.7: the options of waitpid. */
#define _GNU_SOURCE
#include "common.h"

/* Calls waitpid, which does not wait, and prints what it
   returned. */
static void ask(const char *name, pid_t child, int options)
{
    int status = 0;
    pid_t pid = waitpid(child, &status, options);

    printf("  %-11s ", name);
    if (pid < 0)
        printf("%s\n", errno_name(errno));
    else if (pid == 0)
        printf("0\n");
    else {
        printf("its pid, word %#x: ", (unsigned)status);
        pr_exit(status);
    }
}

int main(void)
{
    int leave;
    pid_t child = child_until(&leave, 7, 0);

    printf("the child %ld is running\n", (long)child);
    ask("WNOHANG", child, WNOHANG);

    check(kill(child, SIGSTOP) < 0, "kill");
    until(child, WSTOPPED);
    printf("it is stopped\n");
    ask("WNOHANG", child, WNOHANG);
    ask("WUNTRACED", child, WNOHANG | WUNTRACED);
    ask("WUNTRACED", child, WNOHANG | WUNTRACED);

    check(kill(child, SIGCONT) < 0, "kill");
    until(child, WCONTINUED);
    printf("it is continued\n");
    ask("WUNTRACED", child, WNOHANG | WUNTRACED);
    ask("WCONTINUED", child, WNOHANG | WCONTINUED);
    ask("WCONTINUED", child, WNOHANG | WCONTINUED);

    ask("0x100", child, WNOHANG | 0x100);

    close(leave);
    until(child, WEXITED);
    printf("it is dead\n");
    ask("WNOHANG", child, WNOHANG);
    ask("WNOHANG", child, WNOHANG);
    return 0;
}
