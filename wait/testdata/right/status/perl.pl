#!/usr/bin/env perl
# $? is the word that waitpid got. Perl ignores SIGFPE by itself.
use strict;
use warnings;
use POSIX ();

$| = 1;
for my $end (sub { POSIX::_exit(7) }, sub { POSIX::abort() },
             sub { $SIG{FPE} = "DEFAULT"; POSIX::raise(POSIX::SIGFPE()) }) {
    my $pid = fork;
    $end->() if !$pid;
    waitpid $pid, 0;
    if ($? & 127) {
        printf "abnormal termination, signal number = %d%s\n", $? & 127,
            $? & 128 ? " (core file generated)" : "";
    } else {
        printf "normal termination, exit status = %d\n", $? >> 8;
    }
}
