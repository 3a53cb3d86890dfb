/* What fork is used for: a server, and running another program. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "talk.h"

enum { CLIENTS = 3, MOST = 100 };

static struct {
    pid_t pid;
    int fd; /* its pidfd, readable when it has ended */
} child[MOST];
static int children, accepted;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* Watches a child's end. */
static void follow(pid_t pid)
{
    child[children].pid = pid;
    child[children].fd = syscall(SYS_pidfd_open, pid, 0);
    if (child[children++].fd < 0)
        die("pidfd_open");
}

/* Takes the status of a child that has ended. */
static void collect(int i)
{
    int status;

    if (waitpid(child[i].pid, &status, 0) < 0)
        die("waitpid");
    if (status != 0)
        fprintf(stderr, "child %ld: status %#x\n",
                (long)child[i].pid, status);
    close(child[i].fd);
    child[i] = child[--children];
}

/* Takes a connection and forks a child for it. */
static void take(int listener)
{
    int conn = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    pid_t pid;

    if (conn < 0)
        return; /* the client has gone away again */
    accepted++;
    if ((pid = fork()) == 0) {
        close(listener);
        _exit(answer(conn));
    }
    /* While we had it open too, the client would see no end. */
    close(conn);
    if (pid < 0) {
        perror("a client is sent away");
        return; /* EAGAIN: not the end of the server */
    }
    printf("server %ld: connection %d is for child %ld\n",
           (long)getpid(), accepted, (long)pid);
    fflush(stdout);
    follow(pid);
}

static void serve(int listener, int last)
{
    while (accepted < last || children > 0) {
        struct pollfd set[MOST + 1];
        int n = children;

        for (int i = 0; i < n; i++)
            set[i] = (struct pollfd){ child[i].fd, POLLIN, 0 };
        set[n] = (struct pollfd){ listener, POLLIN, 0 };
        if (accepted == last || children == MOST)
            set[n].fd = -1; /* no more for now */
        if (poll(set, n + 1, -1) < 0) {
            if (errno == EINTR)
                continue;
            die("poll");
        }
        for (int i = n - 1; i >= 0; i--)
            if (set[i].revents)
                collect(i);
        if (set[n].revents)
            take(listener);
    }
    close(listener);
}

int main(void)
{
    struct sockaddr_in addr = { .sin_family = AF_INET };
    socklen_t size = sizeof addr;
    const int how = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
    int l = socket(AF_INET, how, 0), met[2], status;
    pid_t pid;

    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (l < 0 || bind(l, (struct sockaddr *)&addr, sizeof addr) < 0
        || listen(l, 128) < 0
        || getsockname(l, (struct sockaddr *)&addr, &size) < 0) {
        fprintf(stderr, "fork uses: it can not listen: %s\n",
                strerror(errno));
        return 2;
    }
    if (pipe2(met, O_CLOEXEC) < 0)
        die("pipe2");
    for (int i = 0; i < CLIENTS; i++) {
        if ((pid = fork()) == 0) {
            close(l);
            _exit(client(&addr, met));
        }
        if (pid < 0)
            die("fork");
        follow(pid);
    }
    close(met[0]);
    close(met[1]);
    serve(l, CLIENTS);
    printf("server %ld: all have ended and are collected\n",
           (long)getpid());
    fflush(stdout);

    if ((pid = fork()) == 0) { /* the other use */
        execl("/bin/sh", "sh", "-c",
              "echo \"child $$: runs another program\"",
              (char *)NULL);
        _exit(127);
    }
    if (pid < 0)
        die("fork");
    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        die("waitpid");
    printf("parent %ld: normal termination, exit status = %d\n",
           (long)getpid(), WEXITSTATUS(status));
    return 0;
}
