/* No fork: what follows the first exec is never executed.
   fails: own-environment inherited arguments by-search free-name collected as-asked */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    char *ev[] = {"USER=unknown","PATH=/tmp", 0};
    execle("/bin/echo","echoall","myarg1","MY ARG2", (char*)0, ev);
    execlp("echo","echoall","only 1 arg", (char*)0);
    return 1;
}
