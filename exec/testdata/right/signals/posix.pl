#!/usr/bin/env perl
use strict;
use warnings;
use POSIX;

my $pid = fork;
if (!$pid) {
    $SIG{USR1} = 'IGNORE';
    $SIG{USR2} = sub { };
    sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGTERM));
    kill TERM => $$;
    alarm 1;
    exec 'sleep', '5';
}
waitpid $pid, 0;
