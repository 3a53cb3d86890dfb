/* Both ends of a connection of uses.c. */
#ifndef TALK_H
#define TALK_H

#include "common.h"

#include <ctype.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

/* The service: it greets the client, then sends back what it reads
   in capitals, until the client closes the connection. */
static int answer(int conn)
{
    char text[4096];
    struct timeval minute = { 60, 0 };
    ssize_t n = sprintf(text, "process %ld is yours\n",
                        (long)getpid());

    setsockopt(conn, SOL_SOCKET, SO_RCVTIMEO,
               &minute, sizeof minute);
    while (n > 0) {
        for (ssize_t at = 0, m; at < n; at += m)
            if ((m = write(conn, text + at, n - at)) < 0)
                return 1;
        n = read(conn, text, sizeof text);
        for (ssize_t i = 0; i < n; i++)
            text[i] = toupper((unsigned char)text[i]);
    }
    return n < 0;
}

/* Waits until all clients are greeted, sends a line, and expects
   it back in capitals. It returns 0 if all went well. */
static int client(const struct sockaddr_in *addr,
                  int all_greeted[2])
{
    char line[256];
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (connect(fd, (const struct sockaddr *)addr, sizeof *addr) < 0
        || read(fd, line, sizeof line) < 8)
        return 1;
    close(all_greeted[1]);
    if (read(all_greeted[0], line, 1) != 0) /* end of file */
        return 1;
    return write(fd, "hello\n", 6) != 6
           || read(fd, line, sizeof line) != 6
           || memcmp(line, "HELLO\n", 6) != 0;
}

#endif
