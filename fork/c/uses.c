/* The two uses of fork: a server, and running another program. */
#define _GNU_SOURCE
#include "common.h"
#include "talk.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>

enum { CLIENTS = 3, MAX_CHILDREN = 100 };

static struct {
    pid_t pid;
    int fd; /* its pidfd, readable when it has ended */
} child[MAX_CHILDREN];
static int children, accepted;

/* Opens a pidfd, which is readable when the child has ended. */
static void watch(pid_t pid)
{
    child[children].pid = pid;
    child[children].fd = syscall(SYS_pidfd_open, pid, 0);
    check(child[children++].fd < 0, "pidfd_open");
}

/* Reaps a child that has ended. */
static void reap_child(int i)
{
    int status = reap(child[i].pid);

    if (status != 0)
        fprintf(stderr, "child %ld: status %#x\n",
                (long)child[i].pid, status);
    close(child[i].fd);
    child[i] = child[--children];
}

/* Accepts a connection and forks a child for it. */
static void accept_client(int listener)
{
    int conn = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    pid_t pid;

    if (conn < 0)
        return; /* the client did not wait */
    accepted++;
    if ((pid = fork()) == 0) {
        close(listener);
        _exit(answer(conn));
    }
    /* If the server kept it open, the client would not see end of
       file when the child ends. */
    close(conn);
    if (pid < 0) {
        perror("a client gets no child");
        return; /* EAGAIN: the server goes on */
    }
    say("server", "connection %d is for child %ld", accepted,
        (long)pid);
    watch(pid);
}

static void serve(int listener, int connections)
{
    while (accepted < connections || children > 0) {
        struct pollfd set[MAX_CHILDREN + 1];
        int n = children;

        for (int i = 0; i < n; i++)
            set[i] = (struct pollfd){ child[i].fd, POLLIN, 0 };
        set[n] = (struct pollfd){ listener, POLLIN, 0 };
        if (accepted == connections || children == MAX_CHILDREN)
            set[n].fd = -1; /* accept no more for now */
        if (poll(set, n + 1, -1) < 0) {
            check(errno != EINTR, "poll");
            continue;
        }
        for (int i = n - 1; i >= 0; i--)
            if (set[i].revents)
                reap_child(i);
        if (set[n].revents)
            accept_client(listener);
    }
    close(listener);
}

int main(void)
{
    struct sockaddr_in addr = { .sin_family = AF_INET };
    socklen_t size = sizeof addr;
    const int kind = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
    int l = socket(AF_INET, kind, 0), all_greeted[2], status;
    pid_t pid;

    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (l < 0 || bind(l, (struct sockaddr *)&addr, sizeof addr) < 0
        || listen(l, 128) < 0
        || getsockname(l, (struct sockaddr *)&addr, &size) < 0) {
        fprintf(stderr, "fork uses: it cannot listen at 127.0.0.1 "
                "(%s): bring up the loopback interface\n",
                strerror(errno));
        return 2;
    }
    check(pipe2(all_greeted, O_CLOEXEC) < 0, "pipe2");
    for (int i = 0; i < CLIENTS; i++) {
        if ((pid = do_fork()) == 0) {
            close(l);
            _exit(client(&addr, all_greeted));
        }
        watch(pid);
    }
    close(all_greeted[0]);
    close(all_greeted[1]);
    serve(l, CLIENTS);
    say("server", "all have ended and are reaped");

    if ((pid = do_fork()) == 0) { /* the other use */
        execl("/bin/sh", "sh", "-c",
              "echo \"child $$: runs another program\"",
              (char *)NULL);
        _exit(127);
    }
    status = reap(pid);
    say("parent", "%s termination, %s = %d",
        WIFEXITED(status) ? "normal" : "abnormal",
        WIFEXITED(status) ? "exit status" : "signal number",
        WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    return 0;
}
