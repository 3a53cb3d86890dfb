#!/usr/bin/env perl
# Perl ignores SIGFPE: the third child goes on after its raise.
# fails: three-deaths said-right
use strict;
use warnings;
use POSIX ();

$| = 1;
for my $end (sub { POSIX::_exit(7) }, sub { POSIX::abort() },
             sub { POSIX::raise(POSIX::SIGFPE()) }) {
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
