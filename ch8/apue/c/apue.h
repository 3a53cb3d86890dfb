/*
 * apue.h: what the programs of the book call and do not define.
 *
 * The names and what they do are the book's; the text is ours. A program
 * may define any of the functions itself: its own one is then called.
 */
#ifndef APUE_H
#define APUE_H

#include <sys/types.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAXLINE 4096

#define FILE_MODE (S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH)
#define DIR_MODE (FILE_MODE | S_IXUSR | S_IXGRP | S_IXOTH)

#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))

typedef void Sigfunc(int);

/* Errors. Each prints a line to standard error, after what is in the
   buffer of standard output. sys: with the text of errno. */
void err_ret(const char *fmt, ...);             /* and returns */
void err_sys(const char *fmt, ...);             /* and exits with 1 */
void err_dump(const char *fmt, ...);            /* and aborts */
void err_msg(const char *fmt, ...);             /* without errno, returns */
void err_quit(const char *fmt, ...);            /* without errno, exits */
void err_cont(int error, const char *fmt, ...); /* of error, returns */
void err_exit(int error, const char *fmt, ...); /* of error, exits */

/* Prints a termination status. */
void pr_exit(int status);

/* Two processes that wait for each other, by two pipes. TELL_WAIT comes
   before the fork. */
void TELL_WAIT(void);
void TELL_PARENT(pid_t parent);
void TELL_CHILD(pid_t child);
void WAIT_PARENT(void);
void WAIT_CHILD(void);

#endif
