#!/usr/bin/perl
# Perl, with a sleep and ps.
use strict;
use warnings;

my $pid = fork();
exit 0 if $pid == 0;
select(undef, undef, undef, 1);
system("ps -o pid,ppid,stat,comm -p $pid");
waitpid($pid, 0);
