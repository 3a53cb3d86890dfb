#!/usr/bin/env perl
# Other programs and shells are run before and after.
use strict;
use POSIX ();
$| = 1;
my $d = `date; uname`;
system("mkdir -p work; true");
for my $command ('exit 0', 'nosuchcommand', 'exit 44', 'kill -9 $$') {
    my $pid = fork;
    if ($pid == 0) {
        exec { '/bin/sh' } 'sh', '-c', $command;
        POSIX::_exit(127);
    }
    waitpid $pid, 0;
    if (POSIX::WIFEXITED($?)) {
        print "normal termination, exit status = ", $? >> 8, "\n";
    } else {
        print "abnormal termination, signal number = ", $? & 127, "\n";
    }
}
system("rmdir work");
