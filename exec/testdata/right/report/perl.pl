#!/usr/bin/env perl
# Perl's pipes have close-on-exec.
use strict;

for my $argv (["./nothing"], ["/bin/sleep", "1"]) {
    pipe my $read, my $write or die;
    my $pid = fork;
    if ($pid == 0) {
        no warnings;
        exec { $argv->[0] } @$argv;
        syswrite $write, $! + 0;
        POSIX::_exit(127) if eval { require POSIX };
    }
    close $write;
    if (sysread $read, my $text, 100) {
        syswrite STDOUT, "exec failed: errno = $text\n";
    } else {
        syswrite STDOUT, "exec worked\n";
    }
    waitpid $pid, 0;
}
