/* Figure 8.18, the columns of exec: what a set-user-ID program
   gets. */
#include "common.h"
#include "group.h"

#include <sys/auxv.h>
#include <sys/mount.h>

#define FOLDER "/mnt"

static const char script[] =
    "#!/bin/sh\nexec " FOLDER "/plain \"$@\"\n";

/* Makes a file in the folder, owned by B, with mode: this program,
   or the text. A set-id file of root's is never made, because no
   other owner is possible here. */
static void install(const char *name, const char *text, mode_t mode)
{
    char path[64], buffer[4096];
    int in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), out;
    ssize_t n;

    snprintf(path, sizeof path, FOLDER "/%s", name);
    out = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    check(in < 0 || out < 0, path);
    if (text != NULL)
        check(write(out, text, strlen(text)) < 0, path);
    else
        while ((n = read(in, buffer, sizeof buffer)) > 0)
            check(write(out, buffer, (size_t)n) != n, path);
    close(in);
    close(out);
    /* In this order, because a chown clears the bits. */
    needs(chown(path, B, B) < 0 || chmod(path, mode) < 0, "setid",
          "CAP_CHOWN and CAP_FSETID");
}

/* Gives the calling child the ids A for good. */
static void become_a(void)
{
    gid_t other = C;

    needs(setgroups(1, &other) < 0 || setresgid(A, A, A) < 0,
          "setid", "CAP_SETGID");
    needs(setresuid(A, A, A) < 0, "setid", "CAP_SETUID");
}

static void execute(const char *name, const char *what)
{
    char path[64];

    snprintf(path, sizeof path, FOLDER "/%s", name);
    execl(path, "setid", "-inside", what, (char *)0);
    check(1, path);
}

/* What the executed program prints. */
static void report(const char *what)
{
    const char *secret = FOLDER "/secret";
    int failed;

    say("%s: user %s", what, in_words(users()));
    say("%s: group %s", what, in_words(groups()));
    if (strcmp(what, "set-user-ID") != 0)
        return;
    failed = access(secret, R_OK) < 0;
    say("%s: access of B's file: %s, open: %s", what,
        result(failed),
        open(secret, O_RDONLY | O_CLOEXEC) < 0 ? "fails"
        : "succeeds");
    say("%s: AT_SECURE %lu, dumpable %d", what,
        getauxval(AT_SECURE), prctl(PR_GET_DUMPABLE));
}

static void no_suid(void)
{
    check(unshare(CLONE_NEWNS) < 0 || mount("", FOLDER, "",
          MS_REMOUNT | MS_BIND | MS_NOSUID, "") < 0, "nosuid");
    become_a();
    execute("user", "nosuid");
}

static void plain(void) { execute("plain", "a plain file"); }
static void user(void) { execute("user", "set-user-ID"); }
static void group(void) { execute("group", "set-group-ID"); }
static void text(void) { execute("script", "script"); }

static void no_new_privs(void)
{
    check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0, "prctl");
    execute("user", "no_new_privs");
}

static int sharing(void *unused)
{
    (void)unused;
    execute("user", "CLONE_FS");
    return 0;
}

/* Executes the program in a process that shares its working
   directory with its parent. */
static void shared(void)
{
    static char stack[64 * 1024] __attribute__((aligned(16)));

    reap(clone(sharing, stack + sizeof stack, CLONE_FS | SIGCHLD,
               NULL));
}

static void caller(void)
{
    int failed = unshare(CLONE_NEWNS) < 0
        || mount("", "/", "", MS_REC | MS_PRIVATE, "") < 0
        || mount("apue", FOLDER, "tmpfs", MS_NODEV,
                 "mode=755,size=64m") < 0;

    if (failed && getuid() != 0)
        without_privilege();
    errno = EPERM;
    needs(failed, "setid", "CAP_SYS_ADMIN to mount a folder");
    install("plain", NULL, 0755);
    install("user", NULL, S_ISUID | 0755);
    install("group", NULL, S_ISGID | 0755);
    install("script", script, S_ISUID | S_ISGID | 0755);
    install("secret", script, 0600);
    in_child(no_suid);
    become_a();
    say("the caller: user %s", in_words(users()));
    say("the caller: group %s", in_words(groups()));
    in_child(plain);
    in_child(user);
    in_child(group);
    in_child(text);
    in_child(no_new_privs);
    shared();
}

int main(int argc, char *argv[])
{
    int at = option(argc, argv, "inside");
    char end;

    if (option(argc, argv, "held") && read(0, &end, 1) != 0)
        return 1;
    if (at > 0 && at + 1 < argc)
        report(argv[at + 1]);
    else
        in_child(caller);
    return 0;
}
