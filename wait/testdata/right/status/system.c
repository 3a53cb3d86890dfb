/* system forks and waits, and returns the status word itself.
   exec: or the shell would report what its own child did. */
#include <stdio.h>
#include <stdlib.h>

static void say(int word)
{
    int sig = word & 0x7f;

    if (sig == 0)
        printf("normal termination, exit status = %d\n", word >> 8 & 0xff);
    else
        printf("abnormal termination, signal number = %d%s\n", sig,
               word & 0x80 ? " (core file generated)" : "");
}

int main(void)
{
    say(system("exit 7"));
    say(system("kill -s ABRT $$"));
    say(system("kill -s FPE $$"));
    exit(0);
}
