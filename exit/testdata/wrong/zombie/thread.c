/* Makes a thread, which leaves no zombie.
   fails: was-zombie as-asked */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static void *f(void *a)
{
    return a;
}

int main(void)
{
    pthread_t t;
    pthread_create(&t, 0, f, 0);
    sleep(1);
    system("true");
    return 0;
}
