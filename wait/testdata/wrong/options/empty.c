/* Does nothing.
   fails: nohang-zero stop-seen continue-seen all-collected */
int main(void)
{
    return 0;
}
