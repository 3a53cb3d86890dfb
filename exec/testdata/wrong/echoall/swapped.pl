#!/usr/bin/env perl
# The arguments begin with argv[1]: echoall is missing.
# fails: arguments free-name
use strict;

sub run {
    my ($path, @argv) = @_;
    my $pid = fork;
    if ($pid == 0) {
        exec { $path } @argv;
        exit 127;
    }
    waitpid $pid, 0;
}

{
    local %ENV = (USER => "unknown", PATH => "/tmp");
    run("/bin/true", "myarg1", "MY ARG2");
}
run("true", "echoall", "only 1 arg");
