/* Figures 8.18, 8.19: which process can change which user id. */
#include "common.h"

#define KEEP ((id_t)-1)

/* A call made by a process with the ids from. */
static struct rule {
    struct ids from;
    int count; /* of arguments: 1 setuid, -1 seteuid, 2, 3 */
    id_t args[3];
} rules[] = {
    { { 0, 0, 0 }, 1, { A } },
    { { A, B, B }, 1, { A } },
    { { A, A, B }, 1, { B } },
    { { A, B, B }, 1, { C } },
    { { A, B, C }, 1, { B } },
    { { 0, 0, 0 }, -1, { A } },
    { { A, B, B }, -1, { A } },
    { { A, B, B }, -1, { C } },
    { { A, B, B }, 2, { B, A } },
    { { A, B, B }, 2, { B, KEEP } },
    { { A, B, C }, 2, { KEEP, A } },
    { { A, B, B }, 2, { C, KEEP } },
    { { A, B, C }, 3, { C, A, B } },
    { { A, A, A }, 3, { KEEP, 0, KEEP } },
};

static struct rule *now; /* the one that a child tries */

static int make(const id_t *a)
{
    switch (now->count) {
    case 1:
        return setuid(a[0]);
    case -1:
        return seteuid(a[0]);
    case 2:
        return setreuid(a[0], a[1]);
    }
    return setresuid(a[0], a[1], a[2]);
}

static const char *triple(struct ids id)
{
    static char text[2][48];
    static int i;
    char *place = text[i++ % 2];

    snprintf(place, sizeof text[0], "%s, %s, %s", letter(id.real),
             letter(id.effective), letter(id.saved));
    return place;
}

static void try(void)
{
    const char *names[] = { "seteuid", "", "setuid", "setreuid",
                            "setresuid" };
    const char *from = triple(now->from);
    char args[48];
    int failed;

    needs(setresuid(now->from.real, now->from.effective,
                    now->from.saved) < 0, "rules", "CAP_SETUID");
    snprintf(args, sizeof args, "%s", letter(now->args[0]));
    for (int i = 1; i < now->count; i++)
        snprintf(args + strlen(args), sizeof args - strlen(args),
                 ", %s", letter(now->args[i]));
    failed = make(now->args) < 0;
    say("%s: %s(%s): %s: %s", from, names[now->count + 1], args,
        result(failed), triple(users()));
}

static void no_way_back(void)
{
    int failed;

    needs(setuid(A) < 0, "rules", "CAP_SETUID");
    failed = setuid(0) < 0;
    say("setuid(A) by root, then setuid(0): %s: %s", result(failed),
        triple(users()));
}

static void group_zero(void)
{
    int failed;

    needs(setresgid(A, 0, 0) < 0, "rules", "CAP_SETGID");
    needs(setresuid(A, A, A) < 0, "rules", "CAP_SETUID");
    failed = setgid(C) < 0;
    say("group: A, 0, 0, user A: setgid(C): %s: %s", result(failed),
        triple(groups()));
}

static void other_groups(void)
{
    gid_t other = C;

    needs(setgroups(1, &other) < 0 || setgid(A) < 0, "rules",
          "CAP_SETGID");
    check(getgroups(1, &other) != 1, "getgroups");
    say("group: setgid(A) by root: %s, groups %s", triple(groups()),
        letter(other));
}

int main(void)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        now = &rules[i];
        in_child(try);
    }
    in_child(no_way_back);
    in_child(group_zero);
    in_child(other_groups);
    return 0;
}
