/* Looks too early: the child is a zombie only later.
   remark: before the child ended */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
    pid_t p = fork();
    if (!p) {
        sleep(1);
        _exit(0);
    }
    system("ps");
    sleep(2);
    return 0;
}
