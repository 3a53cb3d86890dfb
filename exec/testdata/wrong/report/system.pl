#!/usr/bin/env perl
# Leaves it to system(), which has such a pipe of its own for errno; but its
# child ends with another status, and it waits for the program.
# fails: while-it-runs failed
use strict;
use warnings;
no warnings 'exec';

$| = 1;
for my $command (['./nothing'], ['sleep', '0.3']) {
    if (system({ $command->[0] } @$command) == -1) {
        print 'exec failed: errno = ', $! + 0, "\n";
    } else {
        print "exec worked\n";
    }
}
