#!/usr/bin/perl
# Perl's waitpid takes the same arguments.
use strict;
use warnings;
use POSIX ();

my @pids;
for my $i (0 .. 3) {
    my $pid = fork();
    if ($pid == 0) {
        setpgrp(0, $i == 2 ? 0 : $pids[2]) if $i >= 2;
        POSIX::_exit($i + 1);
    }
    push @pids, $pid;
    select(undef, undef, undef, 0.01) until `cat /proc/$pid/stat` =~ /\) Z/;
}
waitpid($pids[1], 0);
waitpid(-$pids[2], 0);
waitpid(0, 0);
1 while waitpid(-1, 0) > 0;
