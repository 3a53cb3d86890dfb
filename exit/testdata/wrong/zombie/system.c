/* system() runs a command, and waits for it at once.
   fails: was-zombie as-asked */
#include <stdlib.h>

int main(void)
{
    return system("exec sleep 0.2") != 0;
}
