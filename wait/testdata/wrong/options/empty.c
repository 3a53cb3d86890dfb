/* Does nothing.
   fails: nohang-zero stop-seen continue-seen all-collected as-asked */
int main(void)
{
    return 0;
}
