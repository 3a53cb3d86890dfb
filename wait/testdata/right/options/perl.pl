#!/usr/bin/perl
# Perl, with the constants of POSIX; WCONTINUED is 8 on Linux.
use strict;
use warnings;
use POSIX ":sys_wait_h";

pipe(my $read, my $write) or die "pipe: $!";
my $pid = fork();
if ($pid == 0) {
    close $write;
    sysread($read, my $byte, 1);
    POSIX::_exit(0);
}
print waitpid($pid, WNOHANG), "\n";
kill 'STOP', $pid;
waitpid($pid, WUNTRACED);
kill 'CONT', $pid;
waitpid($pid, 8);
close $write;
waitpid($pid, 0);
