/* exit instead of _exit: it flushes the line, and the parent's streams.
   fails: as-asked */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
    if (vfork() == 0) {
        puts("child");
        exit(0);
    }
    puts("parent");
    return 0;
}
