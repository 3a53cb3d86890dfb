/* What a child inherits in addition to memory and open files: the
   first list of section 8.3. --root: what needs privileges. */
#define _GNU_SOURCE
#include "common.h"
#include "attributes.h"
#include "objects.h"
#include "signals.h"
#include "table.h"

static const struct attribute ordinary[] = {
    { "process group ID", set_group, get_group, NULL, NULL },
    { "session ID", set_session, get_session, NULL, NULL },
    { "controlling terminal", set_terminal, get_terminal,
      NULL, NULL },
    { "working directory", set_cwd, get_cwd, NULL, NULL },
    { "file mode creation mask", set_umask, get_umask, NULL, NULL },
    { "signal mask", set_mask, get_mask, NULL, NULL },
    { "ignored signal", set_ignored, get_two, NULL, NULL },
    { "default signal", set_default, get_one, NULL, NULL },
    { "caught signal", set_caught, get_one, NULL, send_one },
    { "close-on-exec flags", set_flags, get_flags, NULL, NULL },
    { "environment", set_environment, get_environment, NULL,
      change_environment },
    { "shared memory segment", set_segment, get_segment,
      NULL, NULL },
    { "memory mapping", set_mapping, get_mapping, NULL, NULL },
    { "resource limit", set_limit, get_limit, NULL, NULL },
    { "nice value", set_nice, get_nice, NULL, NULL },
    { NULL, NULL, NULL, NULL, NULL },
};

static const struct attribute privileged[] = {
    { "real user ID", set_ruid, get_ruid, NULL, NULL },
    { "effective user ID", set_euid, get_euid, NULL, NULL },
    { "saved set-user-ID", set_suid, get_suid, NULL, NULL },
    { "real group ID", set_rgid, get_rgid, NULL, NULL },
    { "effective group ID", set_egid, get_egid, NULL, NULL },
    { "saved set-group-ID", set_sgid, get_sgid, NULL, NULL },
    { "supplementary groups", set_groups, get_groups, NULL, NULL },
    { "root directory", set_root, get_root, NULL, NULL },
    { NULL, NULL, NULL, NULL, NULL },
};

int main(int argc, char *argv[])
{
    int root = option(argc, argv, "root");

    setvbuf(stdout, NULL, _IOLBF, 0);
    /* SIGUSR1 is ignored, so that a default disposition, which a
       row sets, is an unusual value. */
    signal(SIGUSR1, SIG_IGN);
    if (!table("attribute", root ? privileged : ordinary))
        cannot("inherit", "this user cannot set some of the "
               "attributes: run it as root, outside a container");
    return 0;
}
