#!/usr/bin/env perl
use strict;
use warnings;

my $pid = fork;
if (!$pid) {
    %ENV = (USER => 'unknown', PATH => '/tmp');
    my $file = '/bin/true';
    exec { $file } 'echoall', 'myarg1', 'MY ARG2';
}
waitpid $pid, 0;
$pid = fork;
if (!$pid) {
    my $file = 'true';
    exec { $file } 'echoall', 'only 1 arg';
}
waitpid $pid, 0;
