/* Scripts with set-user-ID and set-group-ID, and interpreters with
   them, in a folder that only these processes see. */
#ifndef SETID_H
#define SETID_H

#include "common.h"

#include <grp.h>
#include <sched.h>
#include <sys/mount.h>

#define FOLDER "/mnt"

/* Unused ids: of the caller, of the interpreter, of the script. */
enum { CALLERS = 7000001, INTERPRETERS, SCRIPTS };

static inline void needs_root(int failed)
{
    if (failed)
        cannot("shebang", "it takes CAP_SETUID, CAP_CHOWN, "
               "CAP_FSETID and CAP_SYS_ADMIN: run it as root");
}

/* Gives a file its owner and its mode. A set-id file of root's is
   never made. A chown clears the bits, so it comes first. */
static inline void own(const char *path, id_t id, mode_t mode)
{
    needs_root(id == 0 || chown(path, id, id) < 0
               || chmod(path, mode) < 0);
}

/* Copies this program to a file in the folder. */
static inline void install(const char *path, mode_t mode)
{
    int in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    int out = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    char buffer[4096];
    ssize_t n;

    check(in < 0 || out < 0, path);
    while ((n = read(in, buffer, sizeof buffer)) > 0)
        check(write(out, buffer, (size_t)n) != n, path);
    close(in);
    close(out);
    own(path, INTERPRETERS, mode);
}

static inline void install_script(const char *path, const char *line,
                                  mode_t mode)
{
    write_file(path, line, 0600);
    own(path, SCRIPTS, mode);
}

/* Names the owner of an id. */
static inline const char *whose(id_t id)
{
    return id == CALLERS ? "the caller's"
        : id == INTERPRETERS ? "the interpreter's"
        : id == SCRIPTS ? "the script's" : "another";
}

/* What the interpreter does. */
static inline void print_ids(void)
{
    uid_t ruid, euid, suid;
    gid_t rgid, egid, sgid;

    getresuid(&ruid, &euid, &suid);
    getresgid(&rgid, &egid, &sgid);
    printf("  user:  real %s, effective %s, saved %s\n",
           whose(ruid), whose(euid), whose(suid));
    printf("  group: real %s, effective %s, saved %s\n",
           whose(rgid), whose(egid), whose(sgid));
}

static inline void execute_scripts(void)
{
    static const char *name[] = { "script-set", "script" };
    char path[64];
    char *argv[] = { "script", NULL };
    pid_t pid;

    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, FOLDER "/%s", name[i]);
        printf("%s:\n", name[i]);
        if ((pid = do_fork()) == 0) {
            execv(path, argv);
            failed(name[i]);
        }
        reap(pid);
    }
}

/* Is called in a child. */
static inline void set_id_scripts(void)
{
    needs_root(unshare(CLONE_NEWNS) < 0
               || mount("", "/", "", MS_REC | MS_PRIVATE, "") < 0
               || mount("apue", FOLDER, "tmpfs", MS_NODEV,
                        "mode=755,size=64m") < 0);
    install(FOLDER "/echoids", 0755);
    install(FOLDER "/echoids-set", S_ISUID | S_ISGID | 0755);
    install_script(FOLDER "/script-set", "#!" FOLDER "/echoids\n",
           S_ISUID | S_ISGID | 0755);
    install_script(FOLDER "/script", "#!" FOLDER "/echoids-set\n", 0755);
    needs_root(setgroups(0, NULL) < 0
               || setresgid(CALLERS, CALLERS, CALLERS) < 0
               || setresuid(CALLERS, CALLERS, CALLERS) < 0);
    execute_scripts();
}

#endif
