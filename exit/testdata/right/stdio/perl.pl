#!/usr/bin/perl
# The same in Perl: an END block is its exit handler.
use strict;
use warnings;
use POSIX ();

my $child = 0;

END { print "the END block\n" if $child }

for my $end (\&POSIX::_exit, sub { exit shift }) {
    my $pid = fork() // die;
    if ($pid == 0) {
        $child = 1;
        print "in the buffer\n";
        $end->(0);
    }
    waitpid $pid, 0;
}
