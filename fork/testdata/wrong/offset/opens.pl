#!/usr/bin/perl
# Each process opens the file for itself.
# fails: one-open nothing-lost as-asked
use strict;
use warnings;

sub note {
    open(my $f, '+>', 'f.txt') or die "open: $!";
    syswrite($f, shift);
    return $f;
}

my $mine = note("first line of the parent\n");
my $pid = fork();
if ($pid == 0) {
    note("the child\n");
    exit 0;
}
waitpid($pid, 0);
syswrite($mine, "the parent\n");
