#!/usr/bin/env perl
# Perl sets close-on-exec above $^F; F_SETFD takes it away.
use strict;
use Fcntl;

open my $made, '>', 'data.txt' or die;
print $made "text\n";
close $made;
open my $with, '<', 'data.txt' or die;
open my $without, '<', 'data.txt' or die;
fcntl $without, F_SETFD, 0;
my $pid = fork;
if ($pid == 0) {
    exec '/bin/true';
    exit 127;
}
waitpid $pid, 0;
