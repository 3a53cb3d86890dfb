#!/usr/bin/perl
# Perl flushes its buffers before it forks.
# fails: buffered-twice
use strict;
use warnings;

our $glob = 6;
my $var = 88;

syswrite(STDOUT, "a write to stdout\n");
print "before fork\n";
my $pid = fork();
die "fork: $!" unless defined $pid;
if ($pid == 0) {
    $glob++;
    $var++;
} else {
    waitpid($pid, 0);
}
print "pid = $$, glob = $glob, var = $var\n";
