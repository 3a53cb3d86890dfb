/* system() runs a command, and waits for it at once.
   fails: was-zombie */
#include <stdlib.h>

int main(void)
{
    return system("exec sleep 0.2") != 0;
}
