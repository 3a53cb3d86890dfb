/* The first process executes the file itself. */
/* fails: collected */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
    FILE *f = fopen("testinterp", "w");

    fputs("#!/bin/echo one two\n", f);
    fclose(f);
    chmod("testinterp", 0755);
    execl("./testinterp", "zero", "myarg1", "MY ARG2", (char *)0);
    return 1;
}
