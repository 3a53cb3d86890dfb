#!/usr/bin/perl
# Perl, with a handle that is flushed after each print.
use strict;
use warnings;
use IO::Handle;

open(my $f, '>', 'f.txt') or die "open: $!";
$f->autoflush(1);
my $pid = fork();
if ($pid == 0) {
    print $f "the child\n";
    exit 0;
}
waitpid($pid, 0);
print $f "the parent\n";
