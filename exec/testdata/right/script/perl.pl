#!/usr/bin/env perl
use strict;
use warnings;

open my $file, '>', 'testinterp' or die;
print $file "#!/bin/echo one two\n";
close $file;
chmod 0755, 'testinterp';
my $pid = fork;
if (!$pid) {
    my $path = './testinterp';
    exec { $path } 'zero', 'myarg1', 'MY ARG2';
}
waitpid $pid, 0;
