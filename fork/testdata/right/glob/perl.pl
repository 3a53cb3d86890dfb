#!/usr/bin/perl
# Perl buffers standard output itself; syswrite does not.
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
