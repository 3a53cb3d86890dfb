#!/usr/bin/perl
# Perl: the child waits for the end of a pipe, and then until getppid
# changes.
use strict;
use warnings;

my $old = $$;
my $pid = fork();
exit 0 if $pid > 0;
select(undef, undef, undef, 0.001) while getppid() == $old;
print "parent pid = ", getppid(), "\n";
