#!/usr/bin/env perl
# Other programs are run before the two children, between them and at the end.
use strict;
use warnings;

sub run {
    my ($path, @argv) = @_;
    my $pid = fork;
    if (!$pid) {
        exec { $path } @argv;
        exit 127;
    }
    waitpid $pid, 0;
}

my $date = `date; id`;
system('mkdir', '-p', 'work') == 0 or die;
{
    local %ENV = (USER => 'unknown', PATH => '/tmp');
    run('/bin/true', 'echoall', 'myarg1', 'MY ARG2');
}
system('ls >work/list') == 0 or die;
run('true', 'echoall', 'only 1 arg');
system('rm', '-r', 'work') == 0 or die;
