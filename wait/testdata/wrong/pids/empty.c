/* Does nothing.
   fails: one-pid other-group own-group any each-once then-echild as-asked */
int main(void)
{
    return 0;
}
