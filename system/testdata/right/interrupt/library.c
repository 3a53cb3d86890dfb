/* the library's system */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    printf("the command ended with 0x%x\n", system("sleep 0.4"));
    return 0;
}
