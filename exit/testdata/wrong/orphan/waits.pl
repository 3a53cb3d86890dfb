#!/usr/bin/perl
# The parent waits for its child.
# fails: parent-first adopted saw-it as-asked
use strict;
use warnings;

my $pid = fork();
if ($pid == 0) {
    select(undef, undef, undef, 0.05);
    print "parent pid = ", getppid(), "\n";
    exit 0;
}
waitpid($pid, 0);
