/* Section 8.11: giving privileges up, for a while and for good. */
#include "common.h"

#include <sys/stat.h>

static char dir[] = "/tmp/drop-" "XX" "XX" "XX";
static const char *secret = "secret";

/* Makes a file that only user B can read. */
static void secret_of_b(void)
{
    int fd, failed;

    check(mkdtemp(dir) == NULL || chmod(dir, 0755) < 0
          || chdir(dir) < 0, dir);
    fd = open(secret, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    check(fd < 0, secret);
    close(fd);
    failed = chown(secret, B, B) < 0;
    if (failed) {
        unlink(secret);
        rmdir(dir);
    }
    needs(failed, "drop", "CAP_CHOWN");
}

/* Gives the child the ids that a set-user-ID program of user B
   has, executed by user A. */
static void in_set_user_id_program(void)
{
    needs(setresgid(A, A, A) < 0, "drop", "CAP_SETGID");
    needs(setresuid(A, B, B) < 0, "drop", "CAP_SETUID");
}

/* Prints the ids, and whether the file can be opened. */
static void look(const char *what)
{
    int fd = open(secret, O_RDONLY | O_CLOEXEC);

    say("%s: user %s, open: %s", what, in_words(users()),
        result(fd < 0));
    close(fd);
}

static void for_a_while(void)
{
    in_set_user_id_program();
    look("at the start");
    check(seteuid(A) < 0, "seteuid");
    look("for a while");
    check(seteuid(B) < 0, "seteuid");
    look("taken back");
    check(setuid(A) < 0, "setuid");
    say("setuid(A): user %s", in_words(users()));
    say("then seteuid(B): %s", result(seteuid(B) < 0));
}

static void for_good(void)
{
    in_set_user_id_program();
    check(setresuid(A, A, A) < 0, "setresuid");
    say("setresuid(A, A, A): user %s", in_words(users()));
    say("then seteuid(B): %s", result(seteuid(B) < 0));
}

/* Changes the user ids first. */
static void wrong_order(void)
{
    gid_t other = C;
    char groups_failed[64];

    needs(setgroups(1, &other) < 0, "drop", "CAP_SETGID");
    needs(setresuid(A, A, A) < 0, "drop", "CAP_SETUID");
    strcpy(groups_failed, result(setgroups(0, NULL) < 0));
    say("user first: setgroups: %s, setresgid: %s", groups_failed,
        result(setresgid(A, A, A) < 0));
    say("user first: group %s", in_words(groups()));
}

/* Changes groups, group ids and user ids, in this order, and looks
   at each. */
static void right_order(void)
{
    needs(setgroups(0, NULL) < 0, "drop", "CAP_SETGID");
    needs(setresgid(A, A, A) < 0, "drop", "CAP_SETGID");
    needs(setresuid(A, A, A) < 0, "drop", "CAP_SETUID");
    say("groups first: group %s, %d other groups",
        in_words(groups()), getgroups(0, NULL));
    say("groups first: user %s", in_words(users()));
}

/* Whether a set of capabilities is empty. */
static const char *some(const char *name)
{
    char line[128];
    unsigned long long set = 0;
    FILE *f = fopen("/proc/self/status", "r");

    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, name, strlen(name)) == 0)
            set = strtoull(line + strlen(name) + 1, NULL, 16);
    if (f)
        fclose(f);
    return set ? "some" : "none";
}

static void has(const char *what)
{
    say("%s: effective %s, permitted %s", what, some("CapEff"),
        some("CapPrm"));
}

/* Looks at what a privileged process has of them. */
static void capabilities(void)
{
    has("user 0, 0, 0");
    needs(seteuid(A) < 0, "drop", "CAP_SETUID");
    has("seteuid(A)");
    check(seteuid(0) < 0, "seteuid");
    has("seteuid(0)");
    check(setresuid(A, A, 0) < 0, "setresuid");
    has("setresuid(A, A, 0)");
    check(setresuid(A, A, A) < 0, "setresuid");
    has("setresuid(A, A, A)");
}

int main(void)
{
    secret_of_b();
    in_child(for_a_while);
    in_child(for_good);
    in_child(wrong_order);
    in_child(right_order);
    in_child(capabilities);
    unlink(secret);
    rmdir(dir);
    return 0;
}
