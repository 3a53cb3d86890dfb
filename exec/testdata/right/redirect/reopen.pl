#!/usr/bin/env perl
# Reopens STDOUT in the child.
use strict;

my $pid = fork;
if ($pid == 0) {
    open STDOUT, '>', 'out.txt' or exit 1;
    exec '/bin/echo', 'a line in the file';
    exit 127;
}
waitpid $pid, 0;
print "the child has ended\n";
