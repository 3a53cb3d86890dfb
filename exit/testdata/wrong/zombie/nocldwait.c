/* With SA_NOCLDWAIT the kernel keeps no zombies.
   fails: was-zombie as-asked */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    struct sigaction sa = { .sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT };

    sigaction(SIGCHLD, &sa, NULL);
    if (fork() == 0)
        _exit(0);
    sleep(1);
    return system("ps -o pid,ppid,stat,comm") < 0;
}
