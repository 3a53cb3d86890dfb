#!/usr/bin/env perl
# Other programs and shells are run before and after.
use strict;
use POSIX qw(:signal_h :sys_wait_h);
$| = 1;
my $d = `date; uname`;
system("mkdir -p work; true");
my $ignore = POSIX::SigAction->new('IGNORE');
my $default = POSIX::SigAction->new('DEFAULT');
my $old = POSIX::SigSet->new;
sigaction(SIGINT, $ignore);
sigaction(SIGQUIT, $ignore);
sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGCHLD), $old);
my $pid = fork;
if ($pid == 0) {
    sigaction(SIGINT, $default);
    sigaction(SIGQUIT, $default);
    sigprocmask(SIG_SETMASK, $old);
    exec { '/bin/sh' } 'sh', '-c', 'sleep 0.4';
    POSIX::_exit(127);
}
waitpid $pid, 0;
sigaction(SIGINT, $default);
sigaction(SIGQUIT, $default);
sigprocmask(SIG_SETMASK, $old);
print "status $?\n";
system("rmdir work; true");
