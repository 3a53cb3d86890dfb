/* How the rows of differ lock a file and see who has the lock. */
static int file; /* what the two lock rows lock */

static int lock_record(void)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

    check((file = memfd_create("differ", 0)) < 0, "memfd_create");
    check(fcntl(file, F_SETLK, &lock) < 0, "fcntl");
    return 0;
}

/* Asks whose lock would be in the way of one of ours. */
static void get_record(char *v)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

    check(fcntl(file, F_GETLK, &lock) < 0, "fcntl");
    if (lock.l_type == F_UNLCK)
        strcpy(v, "is its own");
    else
        sprintf(v, "is that of %d", (int)lock.l_pid);
}

static int lock_file(void)
{
    check((file = memfd_create("differ", 0)) < 0, "memfd_create");
    check(flock(file, LOCK_EX) < 0, "flock");
    return 0;
}

/* Asks whether we can have the lock, which another open of the
   file can not. */
static void get_locked(char *v)
{
    char path[40];
    int again;

    sprintf(path, "/proc/self/fd/%d", file);
    check((again = open(path, O_RDWR)) < 0, path);
    if (flock(again, LOCK_EX | LOCK_NB) == 0)
        strcpy(v, "is nobody's");
    else if (flock(file, LOCK_EX | LOCK_NB) == 0)
        strcpy(v, "is its own");
    else
        strcpy(v, "is another's");
    close(again);
}
